import { isIP } from 'node:net';
import { validate } from 'node-cron';
import { OFF, parseDuration, parseSize } from './quantity.ts';

/** Largest page: one answer is built in memory. */
const LARGEST_PAGE_BYTES = 1e9;

const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The `format` words of the schema and what they accept. */
export const FORMATS = {
  duration: (text: string) => parseDuration(text) !== null,
  'duration-or-off': (text: string) => text === OFF || parseDuration(text) !== null,
  'page-size': (text: string) => isPageSize(parseSize(text)),
  'size-or-off': (text: string) => text === OFF || (parseSize(text) ?? 0) > 0,
  cron: isCron,
  date: (text: string) => dayMs(text) !== null,
  'tenant-id': (text: string) => GUID.test(text) || DOMAIN.test(text),
  'https-base-url': (text: string) => isBaseUrl(text, ['https:']),
  'base-url': (text: string) => isBaseUrl(text, ['https:', 'http:']),
  'identity-url': (text: string) =>
    isBaseUrl(text, ['https:']) || (isBaseUrl(text, ['http:']) && isOfThisMachine(text)),
  'address-range': isAddressRange,
} satisfies Record<string, (text: string) => boolean>;
export type FormatName = keyof typeof FORMATS;

/** An IP address, or one with the number of bits that count (RFC 4632 3.1). */
function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** Five fields, or six with seconds first, that the scheduler's own parser takes. */
function isCron(text: string): boolean {
  return /^\S+( \S+){4,5}$/.test(text) && validate(text);
}

/** An absolute URL to which a path can be appended: no credentials, query or fragment. */
function isBaseUrl(text: string, protocols: readonly string[]): boolean {
  if (!/^https?:\/\/[^\s\\?#@]+$/i.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return protocols.includes(url.protocol) && url.hostname !== '';
}

export function isLoopback(host: string): boolean {
  return /^(localhost|\[?::1\]?|127(\.\d{1,3}){3})$/i.test(host);
}

/** Loopback or link-local: where the machine's own identity service is. */
function isOfThisMachine(text: string): boolean {
  const { hostname } = new URL(text);
  return isLoopback(hostname) || /^169\.254(\.\d{1,3}){2}$/.test(hostname) || /^\[fe[89ab][0-9a-f]:/i.test(hostname);
}

/** Start of a day that exists, `yyyy-MM-dd` in UTC, epoch ms; null for anything else. */
export function dayMs(text: string): number | null {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text) ? ms : null;
}

function isPageSize(bytes: number | null): boolean {
  return bytes !== null && bytes >= 1 && bytes <= LARGEST_PAGE_BYTES;
}
