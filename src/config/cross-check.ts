import type { ConfigPath } from './config-path.ts';
import { nearest } from './nearest.ts';
import type { Report } from './report.ts';
import { isRecord, toNode } from './schema-node.ts';
import { isList } from './settings-tree.ts';

/** What one part says of another: names that are there twice, and names that are not there. Takes any tree. */
export function crossCheck(tree: Readonly<Record<string, unknown>>, report: Report): void {
  const lists = ['tenants', 'feeds', 'connectors', 'operators'];
  for (const list of lists) reportTwice(report, list, 'name', tree[list]);
  reportTwice(report, 'tenants', 'tenantId', tree['tenants']);
  reportSharedLogins(report, tree);
  for (const key of ['clientId', 'fingerprint', 'keyHash']) reportSharedAuth(report, tree['connectors'], key);
  reportStrangers(report, tree, { list: 'feeds', key: 'tenants', target: 'tenants', word: 'tenant' });
  reportStrangers(report, tree, { list: 'connectors', key: 'feeds', target: 'feeds', word: 'feed' });
}

/** The value of `key` in each item that has it as text, with its position. */
function textsOf(list: unknown, key: string): readonly { index: number; text: string }[] {
  if (!isList(list)) return [];
  return list.flatMap((item, index) => {
    const text = isRecord(item) ? item[key] : undefined;
    return typeof text === 'string' ? [{ index, text }] : [];
  });
}

function reportTwice(report: Report, list: string, key: string, items: unknown): void {
  const seen = new Map<string, number>();
  for (const { index, text } of textsOf(items, key)) {
    const first = seen.get(text.toLowerCase());
    if (first === undefined) seen.set(text.toLowerCase(), index);
    else {
      const message = `${JSON.stringify(text)} is also the ${key} of ${list}[${first}]`;
      report.problem([list, index, key], message, `Give each of the ${list} a ${key} of its own.`);
    }
  }
}

/** Connectors and operators sign in by name at the same server. */
function reportSharedLogins(report: Report, tree: Readonly<Record<string, unknown>>): void {
  const connectors = new Set(textsOf(tree['connectors'], 'name').map(({ text }) => text));
  for (const { index, text } of textsOf(tree['operators'], 'name')) {
    if (!connectors.has(text)) continue;
    const message = `${JSON.stringify(text)} is also the name of a connector`;
    report.problem(['operators', index, 'name'], message, 'Give the operator another name: both sign in by it.');
  }
}

/** A connector without a client id of its own has its name. Two kinds may have the same text: each is asked for its own. */
function reportSharedAuth(report: Report, connectors: unknown, key: string): void {
  if (!isList(connectors)) return;
  const seen = new Map<string, number>();
  for (const [index, item] of connectors.entries()) {
    const connector = toNode(item);
    const auth = toNode(connector['auth']);
    const value = auth[key] ?? (key === 'clientId' && auth['kind'] === 'oauth2' ? connector['name'] : undefined);
    if (typeof value !== 'string') continue;
    const text = key === 'clientId' ? value : value.replaceAll(':', '').toLowerCase();
    const first = seen.get(text);
    if (first === undefined) seen.set(text, index);
    else {
      const message = `is also that of connectors[${first}], and it says who the connector is`;
      report.problem(['connectors', index, 'auth', key], message, `Give each of the connectors a ${key} of its own.`);
    }
  }
}

function reportStrangers(
  report: Report,
  tree: Readonly<Record<string, unknown>>,
  rule: { list: string; key: string; target: string; word: string },
): void {
  const items = tree[rule.list];
  const targets = tree[rule.target];
  // Where the other list cannot be read at all, that is the problem.
  if (!isList(items) || !isList(targets)) return;
  const known = textsOf(targets, 'name').map(({ text }) => text);
  for (const [index, item] of items.entries()) {
    const names = isRecord(item) ? item[rule.key] : undefined;
    if (!isList(names)) continue;
    for (const [position, name] of names.entries()) {
      if (typeof name !== 'string' || known.includes(name)) continue;
      const path: ConfigPath = [rule.list, index, rule.key, position];
      const meant = nearest(name, known);
      const remedy =
        meant === null ? `The ${rule.target} are: ${known.join(', ') || 'none'}.` : `Did you mean ${meant}?`;
      report.problem(path, `there is no ${rule.word} ${JSON.stringify(name)}`, remedy);
    }
  }
}
