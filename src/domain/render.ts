import type { Emission, Facts, FactValue } from './detection.ts';
import { externalId, textDigest } from './digest.ts';
import { BRIDGE_CLASSES, CATEGORIES, eventClassId } from './event-class.ts';
import type { Field } from './field.ts';
import { type EventFieldName, FIELDS, MAPPING_VERSION } from './fields.ts';
import { instantFromMs } from './instant.ts';

export interface RenderInput {
  readonly emission: Emission;
  readonly tenantId: string;
  readonly tenantName: string;
  readonly feedSeq: number;
  /** Epoch ms. */
  readonly storedMs: number;
  /** Members that the feed goes without; none when absent. */
  readonly leftOut?: readonly string[];
}

export interface Rendered {
  /** The JSON object without its closing brace: the page stamp and the brace are added when it is sent. */
  readonly text: string;
  /** Values that were cut to their field's length. */
  readonly cuts: number;
}

const ROWS: readonly Field[] = FIELDS;

/**
 * Names what the text of an event depends on beside its emission: the same mapping makes the same text. What stands in
 * code alone, and not in a table, is named by MAPPING_VERSION.
 *
 * @param leftOut members that the feed goes without
 */
export function mappingName(leftOut: readonly string[] = []): string {
  const rows = ROWS.filter(({ name }) => !leftOut.includes(name)).map(({ name, type, length }) => [name, type, length]);
  return `${MAPPING_VERSION}:${textDigest(JSON.stringify([rows, CATEGORIES, BRIDGE_CLASSES]))}`;
}

/** One feed event: a flat object of strings and integers in the order of the catalogue, absent values left out. */
export function renderEvent(input: RenderInput): Rendered {
  const { emission, leftOut = [] } = input;
  const values: Readonly<Record<string, FactValue | undefined>> = {
    ...alertTime(input),
    ...emission.facts,
    ...eventFields(input),
  };
  const members: string[] = [];
  let cuts = 0;
  for (const { name, type, length } of ROWS) {
    const value = values[name];
    if (value === undefined || leftOut.includes(name)) continue;
    if (type !== 'String') {
      if (typeof value === 'number' && Number.isSafeInteger(value)) members.push(`"${name}":${value}`);
      continue;
    }
    const whole = (Array.isArray(value) ? value.join('; ') : String(value)).toWellFormed();
    if (whole === '') continue;
    const text = length === 'id' ? whole : cut(whole, length);
    if (text !== whole) cuts += 1;
    members.push(`"${name}":${JSON.stringify(text)}`);
  }
  return { text: `{${members.join(',')}`, cuts };
}

function eventFields(input: RenderInput): Partial<Record<EventFieldName, string | number>> {
  const { emission, tenantId, tenantName, feedSeq, storedMs } = input;
  return {
    FeedSeq: feedSeq,
    StoredMs: storedMs,
    DetectionId: emission.detectionId,
    EventKind: emission.kind,
    EventReason: emission.reason,
    EventClassId: classOf(emission),
    EventExternalId: externalId(emission.alertId),
    EndTimeMs: endTimeMs(emission, storedMs),
    TenantId: tenantId,
    TenantName: tenantName,
    MappingVersion: MAPPING_VERSION,
    FullId: `${emission.alertId}:${emission.detectionId}`,
  };
}

/**
 * For an event without a creation time of its alert: an update that the SIEM API shows has none, and ArcSight may take its
 * receipt time from it.
 */
function alertTime({ emission, storedMs }: RenderInput): Facts {
  const { AlertTimeMs, FirstActivityMs, LastUpdateMs } = emission.facts;
  const ms = [AlertTimeMs, FirstActivityMs, LastUpdateMs].find((value) => typeof value === 'number') ?? storedMs;
  return { AlertTime: instantFromMs(ms), AlertTimeMs: ms };
}

function classOf({ kind, family, facts: { Category } }: Emission): string {
  if (kind === 'heartbeat' || kind === 'test') return BRIDGE_CLASSES[kind];
  return eventClassId(family, typeof Category === 'string' ? Category : undefined);
}

/**
 * Rules and channels of ESM window on end time: an update must not appear last week (design: ArcSight fields), nor what a
 * filter let through only now.
 */
function endTimeMs({ kind, change, facts }: Emission, storedMs: number): number {
  const first = (...values: readonly (FactValue | undefined)[]) =>
    values.find((value) => typeof value === 'number') ?? storedMs;
  switch (kind) {
    case 'new':
      if (change === 'admitted') return first(facts.LastUpdateMs);
      return first(facts.LastActivityMs, facts.FirstActivityMs, facts.AlertTimeMs);
    case 'update':
      return first(facts.LastUpdateMs);
    case 'overflow':
    case 'replay':
    case 'heartbeat':
    case 'test':
      return storedMs;
  }
}

/** The first `length` UTF-16 units (Java's characters), never half of a surrogate pair. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  const splits = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splits ? length - 1 : length);
}
