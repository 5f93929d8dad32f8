import { writeFile } from 'node:fs/promises';
import { type Zippable, zipSync } from 'fflate';
import { BridgeError, messageOf } from '../../domain/errors.ts';
import type { BundlePart } from './bundle-part.ts';

const UNIX = 3;
/** Of the zip and of everything in it: this account alone. */
const MODE = 0o600;

/** @throws BridgeError SUPPORT_FILE where something is there already, or nothing can be written */
export async function writeBundle(path: string, parts: readonly BundlePart[]): Promise<number> {
  const entries: Zippable = Object.fromEntries(parts.map((part) => [part.path, Buffer.from(part.text, 'utf8')]));
  const zip = zipSync(entries, { level: 9, os: UNIX, attrs: MODE * 0x1_00_00 });
  try {
    await writeFile(path, zip, { flag: 'wx', mode: MODE });
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw new BridgeError({
      code: 'SUPPORT_FILE',
      kind: 'operator',
      message: isThere ? `${path} is there already` : `cannot write ${path}: ${messageOf(cause)}`,
      hint: isThere
        ? 'Remove it, or name another file with --out.'
        : 'Name a file in a folder that this account can write with --out.',
      cause,
    });
  }
  return zip.length;
}
