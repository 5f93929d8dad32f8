import type { Emission } from './detection.ts';
import type { Layout, ReceiptTime } from './field.ts';
import { perAlert } from './per-alert.ts';
import { isAtLeast, type Severity, toSeverity } from './severity.ts';

/** What a feed takes and how it is rendered (config `feeds`). Durations in milliseconds. */
export interface FeedRules {
  readonly name: string;
  readonly tenantIds: ReadonlySet<string>;
  readonly detections: 'perEvidence' | 'perAlert';
  readonly changes: 'first' | 'significant' | 'all';
  readonly layout: Layout;
  readonly receiptTime: ReceiptTime;
  readonly minSeverity: Severity;
  /** Lower case; empty takes every category. */
  readonly categories: ReadonlySet<string>;
  readonly initialLookbackMs: number;
}

/** What a feed gets of an intake. */
export interface FeedShare {
  readonly events: readonly Emission[];
  /** How many events `minSeverity` or `categories` kept out; not what `changes` leaves out, not other tenants' events. */
  readonly filtered: number;
}

/** What a feed gets of the emissions of one intake (one record). */
export function forFeed(rules: FeedRules, tenantId: string, emissions: readonly Emission[]): FeedShare {
  if (!rules.tenantIds.has(tenantId)) return { events: [], filtered: 0 };
  const wanted = emissions.filter((emission) => isWanted(rules, emission));
  const shaped = rules.detections === 'perAlert' ? perAlert(wanted) : wanted;
  const events = shaped.filter((emission) => passes(rules, emission));
  return { events, filtered: shaped.length - events.length };
}

/** Per alert, new evidence of a known one is a change, and a significant one (design: Domain). */
function isWanted({ changes, detections }: FeedRules, { change, alertIsNew }: Emission): boolean {
  switch (changes) {
    case 'first':
      return detections === 'perAlert' ? alertIsNew : change === 'first';
    case 'significant':
      return change !== 'other';
    case 'all':
      return true;
  }
}

function passes({ minSeverity, categories }: FeedRules, { facts }: Emission): boolean {
  if (!isAtLeast(toSeverity(text(facts.Severity)), minSeverity)) return false;
  return categories.size === 0 || categories.has(text(facts.Category).toLowerCase());
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
