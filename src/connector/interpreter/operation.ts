import type { CompiledDateFormat } from './java-date-format.ts';
import type { CompiledRegex } from './java-regex.ts';
import type { Value, ValueKind } from './value.ts';

/**
 * What may stand in a place of an operation. A bare word is a token in a `value` place, itself in a `constant` place,
 * and elsewhere a token if there is one of that name and itself if not (arcsight-parser 4).
 */
export type Place = 'value' | 'constant' | 'text' | 'regex' | 'date-format';

/** Services of one run: compiled patterns are kept for it, warnings gathered. */
export interface Tools {
  readonly regex: (pattern: string) => CompiledRegex;
  readonly dateFormat: (pattern: string) => CompiledDateFormat;
  readonly warn: (message: string) => void;
}

export interface Operation {
  readonly places: readonly Place[];
  /** Any number of further arguments of this kind. */
  readonly rest?: Place;
  readonly result: ValueKind;
  /** `args` has one entry a place at least; a missing argument is null. Null is "nothing", never an error. */
  readonly apply: (args: readonly (Value | null)[], tools: Tools) => Value | null;
}
