import { type ConfigPath, formatPath } from './config-path.ts';
import { allows, type SchemaNode } from './schema-node.ts';
import { setAt } from './settings-tree.ts';
import { CERTIFICATE_VARIABLE, isServiceLink, TENANT_VARIABLES } from './tenant-variables.ts';
import { nearestVariable, resolveVariable, VARIABLE_PREFIX } from './variable-name.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the configuration file. */
export const FILE_VARIABLE = 'FLEXBRIDGE_CONFIG';

export interface Overlay {
  /** Which variable a value comes from, by `formatPath`. */
  readonly variables: ReadonlyMap<string, string>;
  readonly problems: readonly { variable: string; path: ConfigPath; message: string; remedy: string }[];
}

interface Setting {
  readonly variable: string;
  readonly path: ConfigPath;
  readonly node: SchemaNode;
  readonly text: string;
}

/** The environment of the process without our own settings: for a child that has a configuration of its own. */
export function foreignVariables(env: Environment = process.env): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith(VARIABLE_PREFIX)));
}

/** Puts the values of FLEXBRIDGE_ variables into `tree`. An empty variable counts as not set. */
export function overlayEnvironment(tree: Record<string, unknown>, env: Environment, schema: SchemaNode): Overlay {
  const variables = new Map<string, string>();
  const problems: Overlay['problems'][number][] = [];
  const settings: Setting[] = [];
  const report = (variable: string, path: ConfigPath, message: string, remedy: string) =>
    problems.push({ variable, path, message, remedy });

  addTenant(tree, env, variables, report);
  for (const [variable, text = ''] of Object.entries(env)) {
    if (!isOurs(variable, text)) continue;
    const found = resolveVariable(variable, schema);
    if (found !== null) settings.push({ variable, text, ...found });
    else report(variable, [], 'there is no such variable', unknownRemedy(variable, schema));
  }
  for (const setting of settings.filter(({ text }) => text !== '').toSorted(shallowFirst)) {
    const { variable, path } = setting;
    const value = parseValue(setting);
    if (value === undefined) {
      const form = allows(setting.node, 'array') ? '["a", "b"]' : '{"key": "value"}';
      report(variable, path, 'is not JSON', `Write it as JSON, such as ${form}, or set its parts one by one.`);
      continue;
    }
    const obstacle = setAt(tree, path, value, (made) => variables.set(formatPath(made), variable));
    if (obstacle !== null) report(variable, path, obstacle, 'Correct the name of the variable, or the file.');
  }
  return { variables, problems };
}

function isOurs(variable: string, text: string): boolean {
  if (!variable.startsWith(VARIABLE_PREFIX) || variable === FILE_VARIABLE) return false;
  return !TENANT_VARIABLES.has(variable) && !isServiceLink(variable, text);
}

function unknownRemedy(variable: string, schema: SchemaNode): string {
  const meant = nearestVariable(variable, schema, [FILE_VARIABLE, ...TENANT_VARIABLES.keys()]);
  return meant === null
    ? 'Remove it, or see the reference of the configuration for the names.'
    : `Did you mean ${meant}?`;
}

/** The tenant that FLEXBRIDGE_TENANT_ID and its like describe becomes the first item of `tenants`. */
function addTenant(
  tree: Record<string, unknown>,
  env: Environment,
  variables: Map<string, string>,
  report: (variable: string, path: ConfigPath, message: string, remedy: string) => void,
): void {
  const given = [...TENANT_VARIABLES].filter(([variable]) => (env[variable] ?? '') !== '');
  const [first] = given;
  if (first === undefined) return;
  if ((tree['tenants'] ?? null) !== null) {
    const others = given.slice(1).map(([variable]) => variable);
    const message = `describes a tenant${others.length > 0 ? ` (so do ${others.join(', ')})` : ''}, and the file has tenants too`;
    report(first[0], ['tenants'], message, 'Remove these variables, or the tenants of the file.');
    return;
  }
  // A certificate is what its file says it is, without a further variable.
  const hasCertificate = given.some(([variable]) => variable === CERTIFICATE_VARIABLE);
  tree['tenants'] = [{ name: 'default', credential: { kind: hasCertificate ? 'certificate' : 'secret' } }];
  variables.set('tenants[0]', first[0]);
  for (const [variable, below] of TENANT_VARIABLES) {
    const path = ['tenants', 0, ...below];
    variables.set(formatPath(path), variable);
    const text = env[variable] ?? '';
    if (text !== '') setAt(tree, path, text, () => undefined);
  }
}

/** Containers before their parts, list items in their order. */
function shallowFirst(a: Setting, b: Setting): number {
  for (const [index, left] of a.path.entries()) {
    const right = b.path[index];
    if (right === undefined) break;
    if (left === right) continue;
    return typeof left === 'number' && typeof right === 'number' ? left - right : String(left) < String(right) ? -1 : 1;
  }
  return a.path.length - b.path.length;
}

/** The text as the type that the schema wants; text that does not fit stays text and fails there. Undefined: no JSON. */
function parseValue({ node, text }: Setting): unknown {
  const structured = allows(node, 'array') || allows(node, 'object');
  if (structured && (!allows(node, 'string') || /^[[{]/.test(text))) return parseJson(text);
  if (allows(node, 'null') && text === 'null') return null;
  if (allows(node, 'integer') && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (allows(node, 'boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
