import type { BundlePart, MissingPart } from './bundle-part.ts';

export const MANIFEST = 'MANIFEST.txt';

/** A file of the bundle with how often something was taken out of it. */
export interface ListedPart extends Omit<BundlePart, 'text'> {
  readonly bytes: number;
  readonly hidden: number;
}

/** What is in the bundle, what was taken out, and what could not be had. */
export function contents(parts: readonly ListedPart[], missing: readonly MissingPart[]): string {
  const width = Math.max(...[...parts, ...missing].map(({ path }) => path.length));
  const line = (path: string, words: string): string => `  ${path.padEnd(width)}  ${words}\n`;
  const listed = parts.map(({ path, about, bytes, hidden }) =>
    line(path, `${about} (${bytes} bytes${hidden === 0 ? '' : `, ${hidden} secrets taken out`})`),
  );
  const lacking = missing.map(({ path, because }) => line(path, `not there: ${because}`));
  return [...listed, ...lacking].join('');
}

const NEVER = `
Not in it, by design: client secrets, keys, passphrases, tokens, passwords and their hashes; titles, command lines, users,
devices or anything else of an alert; what was set aside (quarantine); comments of the configuration.
It does show: ids of tenants and apps, names of tenants, feeds, connectors and operators, addresses and host names of this
set-up, paths of files, and what Microsoft's servers answered when they refused something.
`;

export function manifestText(takenIso: string, list: string): string {
  return `FlexBridge support bundle, ${takenIso}\n\n${list}${NEVER}`;
}
