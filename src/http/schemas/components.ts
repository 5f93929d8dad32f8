import { feedSchema } from '../../domain/feed-schema.ts';

const STATE = { enum: ['ok', 'warning', 'failed'] };

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

const FINDING = {
  type: 'object',
  properties: {
    id: { type: 'string', pattern: '^[a-z]+([.][a-z]+)*$', description: 'Stable id of the check.' },
    state: STATE,
    subject: { type: 'string', description: 'What it is about, for example contoso/graph-alerts.' },
    sinceMs: { type: ['integer', 'null'], description: 'Since when, epoch ms; null when that is not kept.' },
    meaning: { type: 'string', minLength: 1 },
    remedy: { type: 'string', description: 'What to do; empty when there is nothing to do.' },
  },
  required: ['id', 'state', 'subject', 'sinceMs', 'meaning', 'remedy'],
  additionalProperties: false,
};

const STATUS = {
  type: 'object',
  properties: {
    version: { type: 'string' },
    state: { ...STATE, description: 'The worst state of the findings.' },
    findings: { type: 'array', items: { $ref: '#/components/schemas/Finding' } },
  },
  required: ['version', 'state', 'findings'],
  additionalProperties: false,
};

const OPENAPI = { type: 'object', properties: { openapi: { type: 'string' } }, required: ['openapi'] };

/** Schemas (JSON Schema 2020-12) by the name that the operations use. */
export function componentSchemas() {
  return {
    Feed: feedSchema(),
    Problem: PROBLEM,
    Liveness: LIVENESS,
    Readiness: READINESS,
    Finding: FINDING,
    Status: STATUS,
    OpenApi: OPENAPI,
    Metrics: { type: 'string', minLength: 1 },
  };
}

export type SchemaName = keyof ReturnType<typeof componentSchemas>;
