import type { Emission } from './detection.ts';
import type { Layout, ReceiptTime } from './field.ts';
import { isAtLeast, type Severity, toSeverity } from './severity.ts';

/** What a feed takes and how it is rendered (config `feeds`). Durations in milliseconds. */
export interface FeedRules {
  readonly name: string;
  readonly tenantIds: ReadonlySet<string>;
  readonly changes: 'first' | 'significant' | 'all';
  readonly layout: Layout;
  readonly receiptTime: ReceiptTime;
  readonly minSeverity: Severity;
  /** Lower case; empty takes every category. */
  readonly categories: ReadonlySet<string>;
  readonly initialLookbackMs: number;
}

/** Whether a feed wants an emission of one of its tenants. */
export function takes(rules: FeedRules, tenantId: string, emission: Emission): boolean {
  if (!rules.tenantIds.has(tenantId)) return false;
  if (rules.changes === 'first' && emission.change !== 'first') return false;
  if (rules.changes === 'significant' && emission.change === 'other') return false;
  if (!isAtLeast(toSeverity(text(emission.facts.Severity)), rules.minSeverity)) return false;
  return rules.categories.size === 0 || rules.categories.has(text(emission.facts.Category).toLowerCase());
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
