import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { columns } from '../columns.ts';
import type { BundlePart } from './bundle-part.ts';

const TITLES = ['mode', 'owner', 'bytes', 'changed', 'path'];
/** Copies and the like: a folder with more is listed so far. */
const MOST = 2000;

/** Names, modes, owners and sizes of what is in the data folder; no content. */
export function dataFolderPart(dataDir: string): BundlePart {
  const entries = readdirSync(dataDir, { recursive: true, withFileTypes: true });
  const paths = ['.', ...entries.map((entry) => relative(dataDir, pathOf(entry))).toSorted()];
  const rows = paths.slice(0, MOST).map((path) => cellsOf(dataDir, path));
  const rest = paths.length > MOST ? `and ${paths.length - MOST} more\n` : '';
  const text = `${dataDir}\n\n${columns([TITLES, ...rows])}${rest}`;
  return { path: 'data-folder.txt', about: 'files of the data folder: mode, owner, size', text };
}

function pathOf({ parentPath, name }: Dirent): string {
  return join(parentPath, name);
}

function cellsOf(dataDir: string, path: string): readonly string[] {
  const facts = lstatSync(join(dataDir, path), { throwIfNoEntry: false });
  if (facts === undefined) return ['', '', '', '', `${path} (gone)`];
  const mode = (facts.mode & 0o7777).toString(8).padStart(4, '0');
  const kind = facts.isDirectory() ? '/' : facts.isSymbolicLink() ? ' (link)' : '';
  return [mode, `${facts.uid}:${facts.gid}`, String(facts.size), facts.mtime.toISOString(), `${path}${kind}`];
}
