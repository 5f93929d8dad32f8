/** Where a value stands in the configuration: keys and list positions from the root. */
export type ConfigPath = readonly (string | number)[];

/** `tenants[0].credential.clientId`; empty for the root. */
export function formatPath(path: ConfigPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
