import type { Facts } from './detection.ts';
import type { FactName } from './fields.ts';

/** What makes an alert's change significant (config `changes`): one `update` event about the alert. */
export const SIGNIFICANT_ALERT_FACTS = [
  'Severity',
  'Status',
  'Classification',
  'Determination',
] as const satisfies readonly FactName[];

/** What makes the change of an evidence item significant: one `update` event of its detection. */
export const SIGNIFICANT_ITEM_FACTS = ['RemediationAction', 'Verdict'] as const satisfies readonly FactName[];

/** Values by fact name; a state that is not known yet is an absent member. */
export type Significant = Readonly<Partial<Record<FactName, string>>>;

export function pickSignificant(facts: Facts, names: readonly FactName[]): Significant {
  return Object.fromEntries(names.flatMap((name) => (facts[name] === undefined ? [] : [[name, String(facts[name])]])));
}

/** `Status new -> resolved`, one text for each difference; an unknown side is `none`. */
export function describeChanges(before: Significant, after: Significant): readonly string[] {
  const old = new Map(Object.entries(before));
  const now = new Map(Object.entries(after));
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((name) => old.get(name) !== now.get(name))
    .map((name) => `${name} ${old.get(name) ?? 'none'} -> ${now.get(name) ?? 'none'}`);
}
