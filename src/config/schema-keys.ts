import { type Static, type TObject, Type } from 'typebox';
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

export const durationOrOff = (fallback: string, description: string) =>
  Type.String({
    description,
    default: fallback,
    format: 'duration-or-off' satisfies FormatName,
    'x-expects': 'off, or a duration such as 30s, 15m, 24h or 7d (at most 3650d)',
  });

/** Of a disk. */
export const sizeOrOff = (fallback: string, description: string) =>
  Type.Unsafe<string | number>({
    description,
    default: fallback,
    type: ['string', 'integer'],
    format: 'size-or-off' satisfies FormatName,
    minimum: 1,
    'x-expects': 'off, or a size such as 500MB, 20GB or 20GiB',
  });

export const file = (description: string, annotations: Readonly<Record<string, unknown>> = {}) =>
  Type.String({ description, minLength: 1, 'x-expects': 'the path of a file', ...annotations });

export const noFile = (description: string) =>
  Type.Unsafe<string | null>({
    description,
    type: ['string', 'null'],
    minLength: 1,
    default: null,
    'x-expects': 'the path of a file',
  });

/** A secret that stands in the configuration itself. */
export const secret = (description: string, annotations: Readonly<Record<string, unknown>> = {}) =>
  Type.Optional(Type.String({ description, minLength: 1, 'x-expects': 'text', 'x-secret': true, ...annotations }));

/** The file that holds a secret. One put here by mistake must not come back in a message. */
export const secretFile = (description: string, annotations: Readonly<Record<string, unknown>> = {}) =>
  Type.Optional(file(description, { 'x-secret': true, ...annotations }));

/** A block, or the word `off`. Written without a union, so that defaults are filled in and errors stay single. */
export const orOff = <Block extends TObject>(block: Block, options: Readonly<Record<string, unknown>>) =>
  Type.Unsafe<'off' | Static<Block>>({ type: ['object', 'string'], pattern: '^off$', ...parts(block), ...options });

/** Likewise, or no value. */
export const orOffOrNull = <Block extends TObject>(block: Block, options: Readonly<Record<string, unknown>>) =>
  Type.Unsafe<'off' | null | Static<Block>>({
    type: ['object', 'string', 'null'],
    pattern: '^off$',
    default: null,
    ...parts(block),
    ...options,
  });

/** A block, or the number that is its port, or no value. */
export const orNumberOrNull = <Block extends TObject>(block: Block, options: Readonly<Record<string, unknown>>) =>
  Type.Unsafe<number | null | Static<Block>>({
    type: ['object', 'integer', 'null'],
    minimum: 1,
    maximum: 65535,
    default: null,
    ...parts(block),
    ...options,
  });

function parts({ type: _, ...rest }: TObject): Readonly<Record<string, unknown>> {
  return rest;
}
