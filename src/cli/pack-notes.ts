import { existsSync, statSync } from 'node:fs';
import { chown, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../connector/bundle.ts';

/** Where a command last wrote the pack of a feed for a connector, so that `doctor` can find it again. */
export interface PackNote {
  readonly feed: string;
  /** Absolute; a folder with a pack, or the ARCSIGHT_HOME of a connector. */
  readonly folder: string;
  /** Name of the connector's login that it is for. */
  readonly connector: string;
  /** When, epoch ms. */
  readonly writtenMs: number;
}

const FILE = 'packs.json';
/** The latest ones; the list is for people with a few connectors, and must not grow for ever. */
const MOST = 200;

/** The notes, the latest last; empty where there are none that can be read. */
export async function readPackNotes(dataDir: string): Promise<readonly PackNote[]> {
  try {
    const json: unknown = JSON.parse(await readFile(join(dataDir, FILE), 'utf8'));
    return Array.isArray(json) ? json.filter(isNote) : [];
  } catch {
    return [];
  }
}

/** Remembers a pack that was written. What cannot be noted is no failure: the pack is there all the same. */
export async function notePack(dataDir: string, note: PackNote): Promise<void> {
  // A folder made here could belong to the wrong account; serve makes it.
  if (!existsSync(dataDir)) return;
  const others = (await readPackNotes(dataDir)).filter(
    ({ folder, feed }) => folder !== note.folder || feed !== note.feed,
  );
  const file = join(dataDir, FILE);
  try {
    await replaceFile(file, Buffer.from(`${JSON.stringify([...others, note].slice(-MOST), null, 2)}\n`));
    const { uid, gid } = statSync(dataDir);
    if (process.getuid?.() === 0 && uid !== 0) await chown(file, uid, gid);
  } catch {
    // A read-only or full disk, or another account's folder.
  }
}

function isNote(value: unknown): value is PackNote {
  if (typeof value !== 'object' || value === null) return false;
  const textual = ['feed', 'folder', 'connector'].every((key) => typeof Reflect.get(value, key) === 'string');
  return textual && typeof Reflect.get(value, 'writtenMs') === 'number';
}
