/**
 * Classes of the reasons for which a record is set aside. The reasons are the normalisers' own words, some with a number
 * in them; a metric's label needs a closed list.
 */
const CLASSES = [
  ['not-an-object', /^the alert is not an object$/],
  ['no-id', /^the alert has no id$/],
  ['no-update-time', /^lastUpdateDateTime is missing/],
  ['evidence-not-a-list', /^evidence is not a list$/],
  ['evidence-not-an-object', /^evidence \d+ is not an object$/],
] as const;

export type RejectionClass = (typeof CLASSES)[number][0] | 'other';

export const REJECTION_CLASSES: readonly RejectionClass[] = [...CLASSES.map(([name]) => name), 'other'];

export function rejectionClass(reason: string): RejectionClass {
  return CLASSES.find(([, words]) => words.test(reason))?.[0] ?? 'other';
}
