import { badEnvelope } from './answer-error.ts';
import { isObject, list, object, text } from './schema.ts';

/** One page of an OData collection (defender-api 3, 4). */
export interface Envelope {
  readonly items: readonly unknown[];
  /** Microsoft's link to what follows, word for word; null when nothing does. */
  readonly next: string | null;
}

/** Throws UPSTREAM_BAD_ENVELOPE: a page that cannot be read proves nothing about what it should have held. */
export function readEnvelope(json: unknown): Envelope {
  const items = isObject(json) ? list(json, 'value') : undefined;
  if (!isObject(json) || items === undefined) throw badEnvelope(`no list named \`value\`${errorCode(json)}`, json);
  const next = text(json, '@odata.nextLink') ?? null;
  if (next === null && (json['@odata.nextLink'] ?? '') !== '') throw badEnvelope('a nextLink that is no text', json);
  return { items, next };
}

/** An error may come with the status of a success. Its code is a word of Microsoft's; its text may hold anything. */
function errorCode(json: unknown): string {
  const error = isObject(json) ? object(json, 'error') : undefined;
  const code = error === undefined ? undefined : text(error, 'code');
  return code !== undefined && /^[\w.]{1,60}$/.test(code) ? `, but an error (${code})` : '';
}
