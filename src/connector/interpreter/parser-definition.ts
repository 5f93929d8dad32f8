import type { Expression } from './expression.ts';
import type { Step } from './json-location.ts';

export type TokenType = 'String' | 'Integer' | 'Long' | 'IPAddress' | 'TimeStamp' | 'MacAddress';

export interface TokenDefinition {
  readonly name: string;
  readonly type: TokenType;
  /** Date pattern of a TimeStamp; absent elsewhere. */
  readonly format: string | null;
  /** From the trigger node; null when the file gives no location. */
  readonly location: readonly Step[] | null;
}

export interface Mapping {
  /** Name of an event field that the dictionary knows, or of an additional data field. */
  readonly field: string;
  readonly expression: Expression;
}

/** Mappings chosen by the text of an event field that the base mappings set. */
export interface ConditionalMap {
  readonly field: string;
  readonly cases: readonly { readonly values: readonly string[]; readonly mappings: readonly Mapping[] }[];
}

/** A severity as ArcSight writes it in the header of a CEF line. */
export type AgentSeverity = 'Unknown' | 'Low' | 'Medium' | 'High' | 'Very-High';

export type SeverityTest =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'range'; readonly from: number; readonly to: number };

/** One line of the severity map; lines are tried from Very-High down. */
export interface SeverityRule {
  readonly severity: AgentSeverity;
  readonly field: string;
  readonly tests: readonly SeverityTest[];
}

/** What a parser file says, without the parts this reader does not understand (those are lint notes). */
export interface ParserDefinition {
  readonly trigger: readonly Step[];
  readonly tokens: readonly TokenDefinition[];
  readonly mappings: readonly Mapping[];
  readonly conditionalMaps: readonly ConditionalMap[];
  readonly severityRules: readonly SeverityRule[];
  readonly additionalData: {
    /** Tokens that no mapping uses are kept under their own names. */
    readonly isEnabled: boolean;
    readonly mappings: readonly Mapping[];
  };
}
