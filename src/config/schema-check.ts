import { Ajv, type ErrorObject } from 'ajv';
import type { Static, TSchema } from 'typebox';
import type { ConfigPath } from './config-path.ts';
import { FORMATS } from './formats.ts';
import { ConfigSchema } from './schema.ts';
import { isRecord, type SchemaNode, toNode } from './schema-node.ts';

/** One rule of the schema that the value at `path` breaks. */
export interface Violation {
  readonly keyword: string;
  readonly path: ConfigPath;
  /** The key that is missing or unknown, for `required` and `additionalProperties`. */
  readonly key: string;
  /** Schema of the value at `path`. */
  readonly node: SchemaNode;
  readonly value: unknown;
}

export interface SchemaCheck {
  readonly violations: readonly Violation[];
  /**
   * Whether a part of the tree breaks no rule.
   * @param schema what the whole schema has at that place
   */
  fits<Schema extends TSchema>(schema: Schema, at: ConfigPath, value: unknown): value is Static<Schema>;
}

/** Annotations of our own: see ConfigSchema. */
const ANNOTATIONS = ['x-expects', 'x-secret', 'x-later', 'x-kinds', 'x-required-for'];

/** Knows our formats and annotations. */
export function createAjv(): Ajv {
  const ajv = new Ajv({ allErrors: true, verbose: true, useDefaults: true, allowUnionTypes: true, formats: FORMATS });
  ajv.addVocabulary(ANNOTATIONS);
  return ajv;
}

/** Fills in the defaults and says what is wrong. Changes `tree`. */
export function checkSchema(tree: Record<string, unknown>): SchemaCheck {
  const validate = createAjv().compile(ConfigSchema);
  const violations = validate(tree) ? [] : (validate.errors ?? []).map(toViolation);
  return {
    violations,
    fits<Schema extends TSchema>(_: Schema, at: ConfigPath, value: unknown): value is Static<Schema> {
      return value !== undefined && !violations.some(({ path }) => at.every((part, index) => path[index] === part));
    },
  };
}

function toViolation(error: ErrorObject): Violation {
  const params: unknown = error.params;
  const key = isRecord(params) ? (params['missingProperty'] ?? params['additionalProperty']) : undefined;
  return {
    keyword: error.keyword,
    path: pointerToPath(error.instancePath),
    key: typeof key === 'string' ? key : '',
    node: toNode(error.parentSchema),
    value: error.data,
  };
}

function pointerToPath(pointer: string): ConfigPath {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')));
}
