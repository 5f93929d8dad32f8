import type { App } from '../server.ts';

/** Of a form, in bytes. The largest honest one holds a token, a secret and two URLs. */
const LARGEST_FORM = 16_384;

/** Parameters that were sent, without the empty ones: these count as not sent (RFC 6749 3.1). */
export interface Parameters<Name extends string> {
  readonly values: ReadonlyMap<Name, string>;
  /** Names that were sent more than once (RFC 6749 3.1 forbids it); they have no value. */
  readonly repeated: readonly Name[];
}

/** What a route knows of a form or a query; the rest is not looked at. */
export function pick<Name extends string>(sent: URLSearchParams, names: readonly Name[]): Parameters<Name> {
  const found = names.map((name) => ({ name, values: sent.getAll(name) }));
  return {
    values: new Map(
      found.flatMap(({ name, values: [value = '', ...more] }) =>
        value === '' || more.length > 0 ? [] : [[name, value] as const],
      ),
    ),
    repeated: found.filter(({ values }) => values.length > 1).map(({ name }) => name),
  };
}

/** The query of a request's URL, as it was sent. */
export function queryOf(url: string): URLSearchParams {
  const mark = url.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
}

/** Lets the routes of this part of the app take forms and no other bodies. */
export function takeForms(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: LARGEST_FORM },
    (_request, body, done) => {
      done(null, new URLSearchParams(String(body)));
    },
  );
}

/** A request whose body is a form; undefined where none was sent. */
export interface FormRequest {
  Body: URLSearchParams | undefined;
}
