import { Ajv, type ErrorObject } from 'ajv';
import type { ConfigPath } from './config-path.ts';
import { FORMATS } from './formats.ts';
import {
  ConfigSchema,
  ConnectorSchema,
  type ConnectorSettings,
  type EndpointSettings,
  FeedSchema,
  type FeedSettings,
  OperatorSchema,
  type OperatorSettings,
  ServerSchema,
  type ServerSettings,
  StoreSchema,
  type StoreSettings,
  type TenantSettings,
  TlsSchema,
  type TlsSettings,
} from './schema.ts';
import { isRecord, type SchemaNode, toNode } from './schema-node.ts';
import { EndpointsSchema, TenantSchema } from './tenant-schema.ts';

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
  /** Fills in the defaults and says what is wrong. Changes `tree`. */
  check(tree: Record<string, unknown>): readonly Violation[];
  /** Whether a part, with its defaults filled in, is right by itself. */
  readonly isServer: (value: unknown) => value is ServerSettings;
  readonly isTls: (value: unknown) => value is TlsSettings;
  readonly isStore: (value: unknown) => value is StoreSettings;
  readonly isTenant: (value: unknown) => value is TenantSettings;
  readonly isEndpoints: (value: unknown) => value is EndpointSettings;
  readonly isFeed: (value: unknown) => value is FeedSettings;
  readonly isConnector: (value: unknown) => value is ConnectorSettings;
  readonly isOperator: (value: unknown) => value is OperatorSettings;
}

export function createSchemaCheck(): SchemaCheck {
  const ajv = new Ajv({ allErrors: true, verbose: true, useDefaults: true, allowUnionTypes: true, formats: FORMATS });
  // The parts are checked after the whole, which has filled the defaults in.
  const parts = new Ajv({ allowUnionTypes: true, formats: FORMATS });
  for (const instance of [ajv, parts]) instance.addVocabulary(['x-expects', 'x-secret', 'x-later']);
  const validate = ajv.compile(ConfigSchema);
  return {
    check: (tree) => (validate(tree) ? [] : relevant(validate.errors ?? []).map(toViolation)),
    isServer: parts.compile<ServerSettings>(ServerSchema),
    isTls: parts.compile<TlsSettings>(TlsSchema),
    isStore: parts.compile<StoreSettings>(StoreSchema),
    isTenant: parts.compile<TenantSettings>(TenantSchema),
    isEndpoints: parts.compile<EndpointSettings>(EndpointsSchema),
    isFeed: parts.compile<FeedSettings>(FeedSchema),
    isConnector: parts.compile<ConnectorSettings>(ConnectorSchema),
    isOperator: parts.compile<OperatorSettings>(OperatorSchema),
  };
}

/**
 * A value that fits no branch of a union is reported once for each branch and once for the union. A block is meant
 * to be the union's block, so only that branch counts; anything else gets the one message of the union.
 */
function relevant(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf');
  return errors.filter((error) => {
    if (error.keyword === 'anyOf') return !isRecord(error.data);
    const union = unions.find((other) => isWithin(error, other));
    return (
      union === undefined || (isRecord(union.data) && error.instancePath !== union.instancePath) || isOfBlock(error)
    );
  });
}

/** Said of the block's keys; only blocks have such rules. */
function isOfBlock({ keyword, data }: ErrorObject): boolean {
  return isRecord(data) && (keyword === 'required' || keyword === 'additionalProperties');
}

function isWithin(error: ErrorObject, union: ErrorObject): boolean {
  const below = error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`);
  return below && error.schemaPath.startsWith(`${union.schemaPath}/`);
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
