import type { Field } from './field.ts';
import { FIELDS } from './fields.ts';
import { SEVERITIES } from './severity.ts';

const ROWS: readonly Field[] = FIELDS;
/** Members that every event carries. */
const ALWAYS = [
  'FeedSeq',
  'StoredMs',
  'DetectionId',
  'EventKind',
  'EventReason',
  'EventClassId',
  'EventExternalId',
  'EndTimeMs',
  'TenantId',
  'TenantName',
  'MappingVersion',
  'FullId',
  'FeedTime',
];
const INTEGER_LIMIT = 2 ** 31 - 1;

/** JSON Schema (2020-12) of what the feed answers: an array of flat events; nothing but the catalogue's members. */
export function feedSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'FlexBridge feed',
    type: 'array',
    items: eventSchema(),
  };
}

/** JSON Schema of one event. */
export function eventSchema() {
  return {
    type: 'object',
    properties: Object.fromEntries(ROWS.map((field) => [field.name, property(field)])),
    required: ALWAYS,
    additionalProperties: false,
  };
}

function property({ name, type, length, description }: Field): object {
  if (type === 'Long') return { type: 'integer', description };
  if (type === 'Integer') return { type: 'integer', minimum: -INTEGER_LIMIT - 1, maximum: INTEGER_LIMIT, description };
  return {
    type: 'string',
    minLength: 1,
    ...(length !== 'id' && { maxLength: length }),
    ...(name === 'Severity' && { enum: SEVERITIES }),
    description,
  };
}
