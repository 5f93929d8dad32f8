import { Ajv2020 } from 'ajv/dist/2020.js';
import { openapiDocument } from '../../src/http/schemas/openapi-document.ts';
import type { Answer, Ask } from './https.ts';

interface Response {
  readonly headers: Readonly<Record<string, { readonly required?: boolean; readonly schema: object }>>;
  readonly content?: Readonly<Record<string, object>>;
}
type Paths = Readonly<
  Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Response>> }>>>
>;

export interface AnswerCheck {
  /** Throws when the OpenAPI document does not allow this answer. An address outside the document has a 404 problem. */
  check(path: string, asked: Ask, answer: Answer): void;
  /** What has been checked so far, as `GET /livez 200`. */
  readonly seen: ReadonlySet<string>;
}

/** Holds answers of the bridge to its own OpenAPI document. */
export function createAnswerCheck(): AnswerCheck {
  const document = openapiDocument('0.0.0-test');
  const paths = document.paths as Paths;
  const ajv = new Ajv2020({ strict: true, allErrors: true, formats: { uuid: /^[0-9a-f-]{36}$/ } });
  ajv.addVocabulary([...Object.keys(document), 'example']);
  ajv.addSchema(document, 'openapi', true);
  const seen = new Set<string>();

  const fits = (pointer: readonly string[], value: unknown, what: string): void => {
    const reference = pointer.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).map(encodeURIComponent);
    const validate = ajv.getSchema(`openapi#/${reference.join('/')}`);
    if (validate === undefined) throw new Error(`no schema at ${pointer.join(' / ')}`);
    if (validate(value) !== true) throw new Error(`${what}: ${ajv.errorsText(validate.errors)}`);
  };

  return {
    seen,
    check(asked, { method = 'GET' }, answer) {
      const path = Object.keys(paths).find((template) => pattern(template).test(asked.split('?')[0] ?? ''));
      const operation = path === undefined ? undefined : paths[path]?.[method.toLowerCase()];
      const what = `${method} ${path ?? '(nowhere)'} ${answer.status}`;
      if (path === undefined || operation === undefined) {
        if (answer.status >= 400 && answer.status < 500) {
          fits(['components', 'schemas', 'Problem'], JSON.parse(answer.body), what);
          return;
        }
        throw new Error(`${what} is no operation of the OpenAPI document`);
      }
      const response = operation.responses[String(answer.status)];
      if (response === undefined) throw new Error(`${what} is not in the OpenAPI document`);
      const here = ['paths', path, method.toLowerCase(), 'responses', String(answer.status)];
      checkHeaders(response, answer, what, (name, value) => {
        fits([...here, 'headers', name, 'schema'], value, `${what}, header ${name}`);
      });
      seen.add(what);
      if (response.content === undefined) {
        if (answer.body !== '') throw new Error(`${what} has a body`);
        return;
      }
      const type = String(answer.headers['content-type']).split(';')[0] ?? '';
      if (!(type in response.content)) throw new Error(`${what} has the media type ${type}`);
      const value: unknown = /[/+]json$/.test(type) ? JSON.parse(answer.body) : answer.body;
      fits([...here, 'content', type, 'schema'], value, what);
      if (type !== 'application/x-ndjson') return;
      for (const line of answer.body.split('\n').slice(0, -1))
        fits(['components', 'schemas', 'Event'], JSON.parse(line), what);
    },
  };
}

/** The whole path, any feed; a trailing slash is the same address, and so is the old API's path in any case. */
function pattern(template: string): RegExp {
  const path = template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${path}/?$`, template.endsWith('/api/alerts') ? 'i' : '');
}

function checkHeaders(
  { headers }: Response,
  answer: Answer,
  what: string,
  fits: (name: string, value: unknown) => void,
): void {
  for (const [name, { required = false }] of Object.entries(headers)) {
    const value = answer.headers[name];
    if (value === undefined && required) throw new Error(`${what} lacks the header ${name}`);
    if (value !== undefined) fits(name, /^\d+$/.test(String(value)) ? Number(value) : value);
  }
}
