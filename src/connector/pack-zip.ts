import { type Zippable, zipSync } from 'fflate';
import type { PackFile } from './bundle.ts';

/** Written in local time, so given in local time: then it is the same in every zone. */
const MODIFIED = new Date(2000, 0, 1, 12);
const UNIX = 3;
const MODE = 0o644;

/** The pack as one zip file. The same files give the same bytes, whatever their order. */
export function zipPack(files: readonly PackFile[]): Buffer {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const entries: Zippable = Object.fromEntries(sorted.map(({ path, text }) => [path, Buffer.from(text, 'utf8')]));
  return Buffer.from(zipSync(entries, { mtime: MODIFIED, level: 9, os: UNIX, attrs: MODE * 0x1_00_00 }));
}
