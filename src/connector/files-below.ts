import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BridgeError, messageOf } from '../domain/errors.ts';

/** A pack has three levels; what lies deeper was put there by somebody, and one name of it says enough. */
const DEEPEST = 5;

/**
 * Everything in a folder that is not a folder, by its path with `/`, sorted; links are named, not followed. Nothing where
 * there is no folder.
 * @throws BridgeError PACK_UNREADABLE
 */
export async function filesBelow(dir: string): Promise<readonly string[]> {
  return (await list(dir, 0)).toSorted();
}

async function list(dir: string, depth: number): Promise<readonly string[]> {
  const entries = await read(dir);
  const paths = await Promise.all(
    entries.map(async (entry) => {
      if (!entry.isDirectory() || depth === DEEPEST) return [entry.name];
      return (await list(join(dir, entry.name), depth + 1)).map((path) => `${entry.name}/${path}`);
    }),
  );
  return paths.flat();
}

async function read(dir: string) {
  try {
    return await readdir(dir, { withFileTypes: true });
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR'))
      return [];
    throw new BridgeError({
      code: 'PACK_UNREADABLE',
      kind: 'operator',
      message: `reading the folder ${dir} failed: ${messageOf(thrown)}`,
      hint: 'Give the user that runs this command the right to read the folder.',
      cause: thrown,
    });
  }
}
