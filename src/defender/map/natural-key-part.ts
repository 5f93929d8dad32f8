import { integer, type JsonObject, object, text } from '../schema.ts';

/** A part of a natural key: lower case, '' where Microsoft left it empty. */
export function keyPart(value: string | number | undefined): string {
  return value === undefined ? '' : String(value).toLowerCase();
}

/** The scalar at a path of member names, for example `namespace.cluster.name`. */
export function keyPartAt(source: JsonObject, path: string): string {
  const [member = '', ...rest] = path.split('.');
  if (rest.length === 0) return keyPart(text(source, member) ?? integer(source, member));
  const inner = object(source, member);
  return inner === undefined ? '' : keyPartAt(inner, rest.join('.'));
}
