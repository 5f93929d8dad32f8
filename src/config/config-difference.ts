import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config.ts';
import { Secret } from './secret.ts';

const PARTS = ['server', 'log', 'store', 'tenants', 'feeds', 'alarms', 'connectors', 'operators'] as const;
export type ConfigPart = (typeof PARTS)[number];

/** Top-level keys in which two configurations differ; in their secrets too. */
export function configDifference(a: Config, b: Config): readonly ConfigPart[] {
  return PARTS.filter((part) => !isDeepStrictEqual(opened(a[part]), opened(b[part])));
}

/** With secrets as text: their class hides them from a comparison. */
function opened(value: unknown): unknown {
  if (value instanceof Secret) return { secret: value.reveal() };
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, opened(part)]));
}
