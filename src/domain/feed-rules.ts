import type { ArcSightChoices } from './arcsight-choices.ts';
import type { Emission, Facts, Standing, Told } from './detection.ts';
import type { Layout, ReceiptTime } from './field.ts';
import { perAlert } from './per-alert.ts';
import { isAtLeast, type Severity } from './severity.ts';
import { ANY_CATEGORY, standingOf, standingsOf } from './told.ts';

/** What a feed takes and how it is rendered (config `feeds`). Durations in milliseconds. */
export interface FeedRules {
  readonly name: string;
  readonly tenantIds: ReadonlySet<string>;
  readonly detections: 'perEvidence' | 'perAlert';
  readonly changes: 'first' | 'significant' | 'all';
  readonly layout: Layout;
  readonly receiptTime: ReceiptTime;
  /** Only what is left out changes the feed; the rest is the parser file's. */
  readonly arcsight: Pick<ArcSightChoices, 'leftOut'>;
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
  const alertIsNewHere = emissions.some((emission) => isAlertNewHere(rules, emission));
  const wanted = toldHere(rules, emissions).filter((emission) => isWanted(rules, emission, alertIsNewHere));
  const shaped = rules.detections === 'perAlert' ? perAlert(wanted, alertIsNewHere) : wanted;
  const events = shaped.filter((emission) => passes(rules, standingOf(emission.facts)));
  return { events, filtered: shaped.length - events.length };
}

/**
 * A detection that the filter kept out before and takes now is a first sight for this feed; its update would be of
 * something that nobody was told of. Where no item tells it, the update does: else nothing would.
 */
function toldHere(rules: FeedRules, emissions: readonly Emission[]): readonly Emission[] {
  const shown = emissions.filter(({ change, told, facts }) => change !== 'admitted' || isLate(rules, told, facts));
  const hasFirst = shown.some(({ change }) => change === 'first' || change === 'admitted');
  return shown.filter(({ kind, told, facts }) => !(hasFirst && kind === 'update' && isLate(rules, told, facts)));
}

function isAlertNewHere(rules: FeedRules, { alertIsNew, alertTold, facts }: Emission): boolean {
  return alertIsNew || isLate(rules, alertTold, facts);
}

/** The filter takes it now and never did before. */
function isLate(rules: FeedRules, told: Told | undefined, facts: Facts): boolean {
  if (told === undefined || !passes(rules, standingOf(facts))) return false;
  return !standingsOf(told).some((standing) => passes(rules, standing));
}

/** Per alert, new evidence of a known one is a change, and a significant one (design: Domain). */
function isWanted({ changes, detections }: FeedRules, { change }: Emission, alertIsNewHere: boolean): boolean {
  if (detections === 'perAlert' && alertIsNewHere) return true;
  switch (changes) {
    case 'first':
      return detections === 'perEvidence' && (change === 'first' || change === 'admitted');
    case 'significant':
      return change !== 'other';
    case 'all':
      return true;
  }
}

function passes({ minSeverity, categories }: FeedRules, { severity, category }: Standing): boolean {
  if (!isAtLeast(severity, minSeverity)) return false;
  return categories.size === 0 || category === ANY_CATEGORY || categories.has(category);
}
