import { dirname, resolve } from 'node:path';
import { stringify } from 'yaml';
import { diskFiles } from './config-files.ts';
import { readConfigText } from './config-text.ts';
import { type Environment, overlayEnvironment } from './environment.ts';
import { hideTree } from './hide-tree.ts';
import type { LoadRequest } from './load.ts';
import { ConfigSchema } from './schema.ts';
import { checkSchema } from './schema-check.ts';
import { toNode } from './schema-node.ts';
import { dropEmpty } from './settings-tree.ts';
import { VARIABLE_PREFIX } from './variable-name.ts';

/** The configuration for somebody who may not know its secrets, whether it is valid or not. */
export interface RedactedConfig {
  /** Null: there is no file. */
  readonly file: string | null;
  /** YAML of the file, without its comments; null where there is none that can be read. */
  readonly written: string | null;
  /** YAML of what counts, with the environment and the defaults. */
  readonly effective: string | null;
  /** Lines about variables of the environment that matter, without their values. */
  readonly variables: readonly string[];
  /** Paths of the settings whose values were taken out. */
  readonly hidden: readonly string[];
}

/** Proxies and the like, which other programs set for everybody. */
const FOREIGN =
  /^(?:https?_proxy|no_proxy|NODE_(?:EXTRA_CA_CERTS|OPTIONS)|IDENTITY_ENDPOINT|AZURE_(?:CLIENT_ID|FEDERATED_TOKEN_FILE)|TZ)$/i;

/** Reads what `loadConfig` reads; nothing that is wrong in it is an error here. */
export async function redactedConfig(request: LoadRequest = {}): Promise<RedactedConfig> {
  const { argvPath, env = process.env, cwd = process.cwd(), files = diskFiles } = request;
  const text = await readConfigText({ argvPath, env, cwd, files });
  const schema = toNode(ConfigSchema);
  const base = text.file === null ? resolve(cwd) : dirname(text.file);
  const tree = text.yaml?.tree ?? {};
  const written = text.yaml?.tree == null ? null : hideTree(structuredClone(tree), schema, base);
  const { variables } = overlayEnvironment(tree, env, schema);
  dropEmpty(tree, schema);
  checkSchema(tree);
  const effective = text.isReadable ? hideTree(tree, schema, base) : null;
  return {
    file: text.file,
    written: written === null ? null : stringify(written.tree),
    effective: effective === null ? null : stringify(effective.tree),
    variables: variableLines(variables, env),
    hidden: [...new Set([...(written?.hidden ?? []), ...(effective?.hidden ?? [])])],
  };
}

/** @param variables which one a value comes from, by path; the blocks that were made for it count as well */
function variableLines(variables: ReadonlyMap<string, string>, env: Environment): readonly string[] {
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  const ours = [...variables].filter(([, name]) => isSet(name));
  const known = new Set(ours.map(([, name]) => name));
  const isBlock = (path: string, name: string): boolean =>
    ours.some(([other, owner]) => owner === name && other !== path && other.startsWith(path));
  return [
    ...ours.filter(([path, name]) => !isBlock(path, name)).map(([path, name]) => `${name} sets ${path}`),
    ...Object.keys(env)
      .filter((name) => name.startsWith(VARIABLE_PREFIX) && isSet(name) && !known.has(name))
      .map((name) => `${name} is set`),
    ...Object.keys(env)
      .filter((name) => FOREIGN.test(name) && isSet(name))
      .map((name) => `${name} is set`),
  ].toSorted();
}
