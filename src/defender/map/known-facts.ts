import type { Facts, FactValue } from '../../domain/detection.ts';
import type { FactName } from '../../domain/fields.ts';

/** Facts in the making: a member may still be missing. */
export type DraftFacts = { readonly [name in FactName]?: FactValue | undefined };

/** Leaves out what is not known: an unknown value is an absent member, never undefined and never an empty list. */
export function knownFacts(draft: DraftFacts): Facts {
  return Object.fromEntries(
    Object.entries(draft).filter((entry): entry is [string, FactValue] => {
      const [, value] = entry;
      return value !== undefined && (typeof value === 'number' || value.length > 0);
    }),
  );
}
