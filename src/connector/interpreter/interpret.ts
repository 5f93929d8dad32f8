import { BridgeError } from '../../domain/errors.ts';
import { CEF_FIELDS } from './cef-dictionary.ts';
import { createTools, evaluate, type TokenValues } from './evaluate.ts';
import { type FieldValue, fieldValue } from './field-value.ts';
import { elementsOf, isJsonObject, type JsonNode, resolve, rootNode } from './json-location.ts';
import type { Tools } from './operation.ts';
import { usedTokens } from './parse-mappings.ts';
import type { AgentSeverity, Mapping, ParserDefinition } from './parser-definition.ts';
import { severityOf } from './severity-map.ts';
import { type TokenOptions, tokenValue } from './token-value.ts';
import { textOf, type Value } from './value.ts';

/** An event as the connector hands it on. */
export interface ArcSightEvent {
  /** By ArcSight name, in the order of the parser file; times are epoch ms, a Long beyond 2^53 is its digits as text. */
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly severity: AgentSeverity;
  /** Tokens that no mapping uses, and explicit additional data, as text. */
  readonly additionalData: Readonly<Record<string, string>>;
}

export interface InterpretWarning {
  /** Index of the event among those the document triggers. */
  readonly event: number;
  /** What was lost or changed; printable, with at most a short excerpt of the value. */
  readonly message: string;
}

export interface Interpretation {
  readonly events: readonly ArcSightEvent[];
  readonly warnings: readonly InterpretWarning[];
}

export interface InterpretOptions {
  /** Address fields keep IPv6 (SmartConnectors 8). Default false: the CEF standard types them IPv4. */
  readonly addressesTakeIpv6?: boolean;
  /** The text of an object or array token is wrapped in its own name (arcsight-parser 3.1). Default false. */
  readonly nodeTextHasName?: boolean;
}

/** State of one run: `event` is the index that warnings carry. */
interface Run {
  readonly definition: ParserDefinition;
  readonly options: Required<InterpretOptions>;
  readonly tools: Tools;
  /** Tokens kept as additional data. */
  readonly unmapped: readonly string[];
  readonly warn: (message: string) => void;
}

/**
 * Turns a document into events as the connector would. `input` is JSON text, or an already parsed document.
 * Throws BridgeError `DOCUMENT_NOT_JSON`; everything after that is a warning and a missing field, never a throw.
 */
export function interpret(
  definition: ParserDefinition,
  input: string | object,
  options: InterpretOptions = {},
): Interpretation {
  const warnings: InterpretWarning[] = [];
  const events: ArcSightEvent[] = [];
  const current = { event: 0 };
  const warn = (message: string): void => {
    warnings.push({ event: current.event, message });
  };
  const run: Run = {
    definition,
    options: { addressesTakeIpv6: false, nodeTextHasName: false, ...options },
    tools: createTools(warn),
    unmapped: unmappedTokens(definition),
    warn,
  };
  const document = rootNode(typeof input === 'string' ? parseJson(input) : input);
  for (const [index, node] of resolve(document, definition.trigger).flatMap(elementsOf).entries()) {
    current.event = index;
    if (isJsonObject(node.value)) events.push(interpretNode(run, node));
    else warn('the trigger leads to something that is no object, which makes no event');
  }
  return { events, warnings };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BridgeError({
      code: 'DOCUMENT_NOT_JSON',
      kind: 'operator',
      message: 'the document is not valid JSON',
      hint: 'Check that the whole answer was saved, as UTF-8 and without a byte order mark.',
      cause,
    });
  }
}

function unmappedTokens({ tokens, mappings, conditionalMaps, additionalData }: ParserDefinition): readonly string[] {
  if (!additionalData.isEnabled) return [];
  const conditional = conditionalMaps.flatMap((map) => map.cases.flatMap((choice) => choice.mappings));
  const used = usedTokens([...mappings, ...conditional, ...additionalData.mappings]);
  return tokens.map(({ name }) => name).filter((name) => !used.has(name));
}

function interpretNode(run: Run, node: JsonNode): ArcSightEvent {
  const { definition, tools } = run;
  const tokens = readTokens(run, node);
  const fields = new Map<string, FieldValue>();
  applyMappings(run, definition.mappings, tokens, fields);
  for (const { field, cases } of definition.conditionalMaps) {
    const text = String(fields.get(field) ?? '');
    const chosen = cases.find(({ values }) => values.includes(text));
    if (chosen !== undefined) applyMappings(run, chosen.mappings, tokens, fields);
  }
  const additional = new Map<string, string>();
  for (const name of run.unmapped) keepText(additional, name, tokens.get(name) ?? null);
  for (const { field, expression } of definition.additionalData.mappings) {
    keepText(additional, field, evaluate(expression, tokens, tools));
  }
  return {
    // fromEntries defines own properties, whatever their name.
    fields: Object.fromEntries(fields),
    severity: severityOf(definition.severityRules, (field) => textOfField(fields.get(field))),
    additionalData: Object.fromEntries(additional),
  };
}

function readTokens({ definition, options, tools, warn }: Run, node: JsonNode): TokenValues {
  const tokenOptions: TokenOptions = { nodeTextHasName: options.nodeTextHasName, dateFormat: tools.dateFormat, warn };
  const tokens = new Map<string, Value | null>();
  for (const token of definition.tokens) {
    const found = token.location === null ? [] : resolve(node, token.location);
    if (found.length > 1) warn(`${token.name}: the location leads to ${found.length} places, the first is taken`);
    const [first] = found;
    tokens.set(token.name, first === undefined ? null : tokenValue(token, first, tokenOptions));
  }
  return tokens;
}

function applyMappings(
  { tools, warn, options }: Run,
  mappings: readonly Mapping[],
  tokens: TokenValues,
  fields: Map<string, FieldValue>,
): void {
  for (const { field, expression } of mappings) {
    const row = CEF_FIELDS.get(field);
    const value = evaluate(expression, tokens, tools);
    if (row === undefined || value === null) continue;
    const kept = fieldValue(row, value, { addressesTakeIpv6: options.addressesTakeIpv6, warn });
    if (kept !== null) fields.set(field, kept);
  }
}

function keepText(additional: Map<string, string>, name: string, value: Value | null): void {
  const text = value === null ? '' : textOf(value);
  if (text !== '') additional.set(name, text);
}

function textOfField(value: FieldValue | undefined): string | null {
  return value === undefined ? null : String(value);
}
