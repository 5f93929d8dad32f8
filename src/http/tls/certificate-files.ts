import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BridgeError } from '../../domain/errors.ts';

const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;
const PUBLIC_FILE = 0o644;

/** Makes the folder, for its owner only. */
export async function ensurePrivateFolder(folder: string): Promise<void> {
  await writing(folder, async () => {
    await mkdir(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
    const { mode } = await stat(folder);
    if ((mode & 0o077) !== 0) await chmod(folder, OWNER_ONLY_FOLDER);
  });
}

/** The text of a file, null when there is none. */
export async function readIfPresent(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return null;
    throw new BridgeError({
      code: 'TLS_FILE_UNREADABLE',
      kind: 'operator',
      message: `cannot read ${file}`,
      hint: `Make ${file} a file that the user of FlexBridge may read, or remove it and restart: a missing one is made again.`,
      cause,
    });
  }
}

/** Writes a certificate in one step: readers see the old or the new one, also after a crash. */
export async function replaceCertificate(file: string, pem: string): Promise<void> {
  await writing(file, () => throughTemporary(file, pem, PUBLIC_FILE, (temporary) => rename(temporary, file)));
}

/**
 * Writes a key unless there is one. A key file never changes, so whatever process made it, every certificate that is
 * written later is made for the key that all of them read. Gives the key that is in the file now.
 */
export async function keepFirstKey(file: string, pem: string): Promise<string> {
  await writing(file, () =>
    throughTemporary(file, pem, OWNER_ONLY_FILE, async (temporary) => {
      try {
        await link(temporary, file);
      } catch (cause) {
        if (!hasCode(cause, 'EEXIST')) throw cause;
      }
      await rm(temporary);
    }),
  );
  return (await readIfPresent(file)) ?? pem;
}

async function throughTemporary(
  file: string,
  text: string,
  mode: number,
  publish: (temporary: string) => Promise<void>,
) {
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await publish(temporary);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
  await syncFolder(dirname(file));
}

/** Without it a crash of the machine may lose the new name of a file whose bytes are safe. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writing(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw new BridgeError({
      code: 'TLS_FILE_UNWRITABLE',
      kind: 'operator',
      message: `cannot write ${path}`,
      hint: `Let the user of FlexBridge write to ${dirname(path)}, and see that the disk is not full; or configure server.tls with a certificate of your own.`,
      cause,
    });
  }
}

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code;
}
