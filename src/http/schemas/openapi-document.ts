import { componentSchemas } from './components.ts';
import { type Answer, EVERYWHERE, HEADERS, type Login, type Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';

const LOGINS: Readonly<Record<Login, readonly object[]>> = {
  anybody: [],
  feed: [{ connector: [] }, { accessToken: [] }, { clientCertificate: [] }, { urlKey: [] }, { operator: [] }],
  operator: [{ operator: [] }, { session: [] }],
  'local or operator': [{}, { operator: [] }, { session: [] }],
};

/** Every answer is for its asker at that moment, but for those that say otherwise in their headers. */
const NO_STORE = { description: 'Always no-store.', required: true, schema: { const: 'no-store' } };

/** The HTTP interface as OpenAPI 3.1, from the table of operations and the field catalogue. */
export function openapiDocument(version: string) {
  return {
    openapi: '3.1.1',
    info: {
      title: 'FlexBridge',
      version,
      summary: 'Microsoft Defender detections as one flat JSON feed for the ArcSight FlexConnector REST.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: paths(),
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        connector: { type: 'http', scheme: 'basic', description: 'Name and secret of a connector.' },
        accessToken: { type: 'http', scheme: 'bearer', description: "A connector's access token of /oauth2/token." },
        clientCertificate: { type: 'mutualTLS', description: "A connector's pinned client certificate." },
        urlKey: {
          type: 'apiKey',
          in: 'query',
          name: 'key',
          description: "A connector's key, where the configuration allows keys in URLs.",
        },
        operator: { type: 'http', scheme: 'basic', description: 'Name and password of an operator.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-flexbridge',
          description: 'An operator who has signed in at a browser (/signin); for reading only.',
        },
      },
    },
  };
}

function paths(): Record<string, object> {
  const items: Record<string, object> = {};
  for (const operation of OPERATIONS) {
    items[operation.path] = { ...items[operation.path], ...pathItem(operation) };
  }
  return items;
}

/** HEAD answers as GET does, without the body. */
function pathItem(operation: Operation): object {
  if (operation.method === 'post') return { post: method(operation, operation.id, true) };
  return { get: method(operation, operation.id, true), head: method(operation, `${operation.id}Head`, false) };
}

function method(operation: Operation, operationId: string, withBody: boolean): object {
  const { summary, parameters, form, login } = operation;
  const answers = [...operation.answers, ...EVERYWHERE];
  const statuses = [...new Set(answers.map(({ status }) => status))];
  return {
    operationId,
    summary,
    ...(parameters && { parameters }),
    ...(form && {
      requestBody: {
        required: true,
        content: { 'application/x-www-form-urlencoded': { schema: { $ref: `#/components/schemas/${form}` } } },
      },
    }),
    security: LOGINS[login],
    responses: Object.fromEntries(
      statuses.map((status) => [
        String(status),
        response(
          answers.filter((answer) => answer.status === status),
          withBody,
        ),
      ]),
    ),
  };
}

/** The answers of one status: told apart by their media type. */
function response(answers: readonly Answer[], withBody: boolean): object {
  const bodies = answers.filter((answer) => answer.kind !== 'empty');
  return {
    description: answers.map(({ means }) => means).join(' Or: '),
    headers: Object.fromEntries([['cache-control', NO_STORE], ...answers.flatMap(headers)]),
    ...(withBody && bodies.length > 0 && { content: Object.fromEntries(bodies.map(content)) }),
  };
}

function headers(answer: Answer): readonly (readonly [string, object])[] {
  return (answer.headers ?? []).map((name) => [name.split(' ')[0] ?? name, HEADERS[name]]);
}

function content(answer: Exclude<Answer, { kind: 'empty' }>): readonly [type: string, media: object] {
  if (answer.kind === 'data') return [answer.type, { schema: { $ref: `#/components/schemas/${answer.schema}` } }];
  const { status, codes } = answer;
  const schema = {
    $ref: '#/components/schemas/Problem',
    type: 'object',
    properties: { status: { const: status }, ...(codes.length > 0 && { code: { enum: codes } }) },
  };
  return ['application/problem+json', { schema }];
}
