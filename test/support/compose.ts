import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

type Fields = Readonly<Record<string, unknown>>;

/** The compose file with its anchors and merge keys resolved; variables stay as written. */
export function readCompose(file: URL) {
  const root = fieldsOf(parse(readFileSync(file, 'utf8'), { merge: true, strict: true, uniqueKeys: true }), 'the file');
  const services = fieldsOf(root['services'], 'services');
  return {
    root,
    serviceNames: Object.keys(services),
    service: (name: string): Fields => fieldsOf(services[name], `services.${name}`),
  };
}

export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${what} is not a block`);
  return { ...value };
}

export function listOf(value: unknown, what: string): readonly string[] {
  if (!Array.isArray(value)) throw new Error(`${what} is not a list`);
  return value.map(String);
}
