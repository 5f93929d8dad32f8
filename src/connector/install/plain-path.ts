import type { Stats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { parse, relative, sep } from 'node:path';
import { errnoOf, fileFailure, installError } from './install-error.ts';

/**
 * What stands at an absolute path, null for nothing. Looks at every part of it and follows no link: a link that somebody
 * else may turn would lead what is written elsewhere.
 * @throws BridgeError INSTALL_LINK that names the part that is a link
 */
export async function statPlain(path: string): Promise<Stats | null> {
  let stats: Stats | null = null;
  for (const part of partsOf(path)) {
    stats = await statPart(part);
    if (stats === null) return null;
    if (stats.isSymbolicLink()) throw await linkError(part);
  }
  return stats;
}

/** The path and each folder above it, from the root down. */
function partsOf(path: string): readonly string[] {
  const { root } = parse(path);
  const names = relative(root, path)
    .split(sep)
    .filter((name) => name !== '');
  return names.map((_, index) => root + names.slice(0, index + 1).join(sep));
}

async function statPart(part: string): Promise<Stats | null> {
  try {
    return await lstat(part);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT' || errnoOf(thrown) === 'ENOTDIR') return null;
    throw fileFailure('looking at', part, thrown);
  }
}

async function linkError(link: string): Promise<Error> {
  const real = await realpath(link).catch(() => null);
  const where = real === null ? 'it leads nowhere' : `it leads to ${real}`;
  return installError(
    'INSTALL_LINK',
    `${link} is a link (${where}); install follows none, so that nothing is written where you did not say`,
    'If the link is meant to be there and stands above the connector, give the real folder to --arcsight-home. Otherwise find out who made it, and remove it.',
  );
}
