import { Type } from 'typebox';
import type { FormatName } from './formats.ts';

/** An object that takes its own keys only. */
export const CLOSED = { additionalProperties: false } as const;

/** Name of a tenant, feed, connector or operator. */
export const name = (description: string, fallback?: string) =>
  Type.String({
    description,
    ...(fallback === undefined ? {} : { default: fallback }),
    pattern: '^[a-z0-9-]{1,64}$',
    'x-expects': 'a name of lower-case letters, digits and hyphens (at most 64)',
  });

export const duration = (fallback: string, description: string) =>
  Type.String({
    description,
    default: fallback,
    format: 'duration' satisfies FormatName,
    'x-expects': 'a duration such as 500ms, 30s, 15m, 24h or 7d (at most 3650d)',
  });

export const file = (description: string) =>
  Type.String({ description, minLength: 1, 'x-expects': 'the path of a file' });

export const noFile = (description: string) =>
  Type.Unsafe<string | null>({
    description,
    type: ['string', 'null'],
    minLength: 1,
    default: null,
    'x-expects': 'the path of a file',
  });

export const endpoint = (description: string) =>
  Type.Optional(
    Type.String({
      description,
      format: 'https-base-url' satisfies FormatName,
      'x-expects': 'an https URL without user name, query and fragment',
      'x-secret': true,
    }),
  );
