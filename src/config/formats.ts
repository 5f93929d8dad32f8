import { isCron } from './cron.ts';
import { parseDuration, parseSize } from './quantity.ts';

/** Largest page: one answer is built in memory. */
const LARGEST_PAGE_BYTES = 1e9;

const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The `format` words of the schema and what they accept. */
export const FORMATS = {
  duration: (text: string) => parseDuration(text) !== null,
  'page-size': (text: string) => isPageSize(parseSize(text)),
  cron: isCron,
  date: isDate,
  'tenant-id': (text: string) => GUID.test(text) || DOMAIN.test(text),
  'https-base-url': (text: string) => isBaseUrl(text, ['https:']),
  'base-url': (text: string) => isBaseUrl(text, ['https:', 'http:']),
} satisfies Record<string, (text: string) => boolean>;
export type FormatName = keyof typeof FORMATS;

/** An absolute URL to which a path can be appended: no credentials, query or fragment. */
function isBaseUrl(text: string, protocols: readonly string[]): boolean {
  if (!/^https?:\/\/[^\s\\?#@]+$/i.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return protocols.includes(url.protocol) && url.hostname !== '';
}

/** A day that exists, `yyyy-MM-dd`. */
function isDate(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

function isPageSize(bytes: number | null): boolean {
  return bytes !== null && bytes >= 1 && bytes <= LARGEST_PAGE_BYTES;
}
