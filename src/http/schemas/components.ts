import { eventSchema, feedSchema } from '../../domain/feed-schema.ts';
import { OAUTH_SCHEMAS } from './oauth-schemas.ts';
import { FINDING, STATUS } from './status-schema.ts';

/** RFC 9457 problem details with this service's own members. */
const PROBLEM = {
  description: 'Why the request was not answered, and what to do about it (RFC 9457).',
  type: 'object',
  properties: {
    type: { const: 'about:blank' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    code: { type: 'string', pattern: '^[A-Z][A-Z0-9_]*$', description: 'Stable, for machines.' },
    title: { type: 'string', minLength: 1 },
    detail: { type: 'string', minLength: 1 },
    hint: { type: 'string', minLength: 1, description: 'What to do.' },
    requestId: { type: 'string', format: 'uuid', description: 'The log has it too.' },
  },
  required: ['type', 'status', 'code', 'title', 'detail', 'hint', 'requestId'],
  additionalProperties: false,
};

const LIVENESS = {
  type: 'object',
  properties: { status: { const: 'ok' } },
  required: ['status'],
  additionalProperties: false,
};

const READINESS = {
  description: '`reasons` has one entry for each kind of finding that is not ok, for example `source.poll: failed`.',
  type: 'object',
  properties: {
    status: { enum: ['ok', 'degraded', 'unavailable', 'stopping'] },
    reasons: { type: 'array', items: { type: 'string' } },
  },
  required: ['status', 'reasons'],
  additionalProperties: false,
};

const CURSOR = {
  type: 'string',
  minLength: 1,
  description: 'Opaque, of characters that a URL leaves alone. Send it as `after`, exactly as it came.',
};
const EVENT_LIST = { type: 'array', items: { $ref: '#/components/schemas/Event' } };

/** An event as the cursor feed gives it. */
function cursorEvent() {
  const { properties, required, ...event } = eventSchema();
  return { ...event, properties: { ...properties, Cursor: CURSOR }, required: [...required, 'Cursor'] };
}

const EVENTS = {
  type: 'object',
  properties: {
    items: EVENT_LIST,
    next: { ...CURSOR, description: `The place behind these events. ${CURSOR.description}` },
    hasMore: { type: 'boolean', description: 'More is stored already: ask again at once.' },
  },
  required: ['items', 'next', 'hasMore'],
  additionalProperties: false,
};

const EVENT_LINES = { type: 'string', description: 'One Event on each line, each line ended by a line feed.' };

const OPENAPI = { type: 'object', properties: { openapi: { type: 'string' } }, required: ['openapi'] };

const PACK_FILE = { type: 'string', minLength: 1, description: 'A file of the pack, in ASCII.' };
const PACK_ZIP = { type: 'string', description: 'The zip file, bytes.', contentMediaType: 'application/zip' };
const PACK_MANIFEST = {
  type: 'object',
  properties: { formatVersion: { const: 1 }, feed: { type: 'string' }, files: { type: 'array' } },
  required: ['formatVersion', 'feed', 'files'],
};

/** Schemas (JSON Schema 2020-12) by the name that the operations use. */
export function componentSchemas() {
  return {
    Feed: feedSchema(),
    Event: cursorEvent(),
    Events: EVENTS,
    EventList: EVENT_LIST,
    EventsAnswer: {
      oneOf: [{ $ref: '#/components/schemas/Events' }, { $ref: '#/components/schemas/EventList' }],
    },
    EventLines: EVENT_LINES,
    Problem: PROBLEM,
    Liveness: LIVENESS,
    Readiness: READINESS,
    Finding: FINDING,
    Findings: { type: 'string', minLength: 1, description: 'State, an empty line, then the rows of the table.' },
    Status: STATUS,
    OpenApi: OPENAPI,
    Metrics: { type: 'string', minLength: 1 },
    ...OAUTH_SCHEMAS,
    PackFile: PACK_FILE,
    PackZip: PACK_ZIP,
    PackManifest: PACK_MANIFEST,
  };
}

export type SchemaName = keyof ReturnType<typeof componentSchemas>;
