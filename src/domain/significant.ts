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

/**
 * Names that every stored state has been compared by: absent means not known. A name that joins the lists later stores
 * null for that; where it is absent it was not looked at, and says nothing about a change.
 */
const FROM_THE_START: ReadonlySet<FactName> = new Set([
  'Severity',
  'Status',
  'Classification',
  'Determination',
  'RemediationAction',
  'Verdict',
]);

/** Values by fact name, as a state keeps them. */
export type Significant = Readonly<Partial<Record<FactName, string | null>>>;

/**
 * `full`: both sides come from one API. `lenient`: from two, whose ways of saying a thing are no change; only what both
 * say can differ. `none`: nothing is compared (an older version of another API).
 */
export type Comparison = 'full' | 'lenient' | 'none';

export function pickSignificant(facts: Facts, names: readonly FactName[]): Significant {
  const picked: Partial<Record<FactName, string | null>> = {};
  for (const name of names) {
    const value = facts[name];
    if (value !== undefined) picked[name] = String(value);
    else if (!FROM_THE_START.has(name)) picked[name] = null;
  }
  return picked;
}

/** `Status new -> resolved`, one text for each difference; an unknown side is `none`. */
export function describeChanges(
  before: Significant,
  after: Significant,
  { names, by }: { readonly names: readonly FactName[]; readonly by: Comparison },
): readonly string[] {
  return names
    .filter((name) => by !== 'none' && differs(name, before[name], after[name], by))
    .map((name) => `${name} ${before[name] ?? 'none'} -> ${after[name] ?? 'none'}`);
}

/** `before` with what is said now; what is not said stays. */
export function overlay(before: Significant, said: Significant): Significant {
  const values = Object.entries(said).filter(([name, value]) => value !== null || !(name in before));
  return { ...before, ...Object.fromEntries(values) };
}

/** What a state keeps: an older version of another API takes back nothing that is known, but says what that API says. */
export function adopt(before: Significant | undefined, after: Significant, by: Comparison): Significant {
  if (by !== 'none' || before === undefined) return after;
  return { ...after, ...Object.fromEntries(Object.entries(before).filter(([name]) => name in after)) };
}

type Value = string | null | undefined;

function differs(name: FactName, before: Value, after: Value, by: Comparison): boolean {
  if (before === undefined && !FROM_THE_START.has(name)) return false;
  const [old, now] = [canonical(before), canonical(after)];
  if (old === now) return false;
  return by === 'full' || (old !== '' && now !== '' && [old, now].every((word) => isCommon(name, word)));
}

/** The words are normalised where they are read; a difference of case or punctuation that is left is no change. */
function canonical(value: Value): string {
  return (value ?? '').toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/**
 * What was done to an item is said by the SIEM API in words of its own (`Quarantine`): only the words of Graph's list
 * (defender-api 4.1, evidenceRemediationStatus) are taken to mean the same whoever says them. Inferred.
 */
const REMEDIATION_WORDS: ReadonlySet<string> = new Set([
  'blocked',
  'declined',
  'partiallyremediated',
  'prevented',
  'remediated',
  'unremediated',
]);

/** Whether a word means the same in every API; `UnSpecified` is the feed's word for a severity that was not said. */
function isCommon(name: FactName, word: string): boolean {
  return name === 'RemediationAction' ? REMEDIATION_WORDS.has(word) : word !== 'unspecified';
}
