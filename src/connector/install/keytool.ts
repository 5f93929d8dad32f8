import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectorHome, type Owner, placeIn } from './connector-home.ts';
import { statPlain } from './plain-path.ts';

export type KeytoolAnswer =
  | { readonly kind: 'done'; readonly out: string }
  /** What keytool said, on one line; never holds the password. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Works on one copy of a store of certificates. */
export interface StoreCopy {
  /** The certificate under the alias as PEM, null where there is none; or why that cannot be told. */
  find(alias: string): Promise<{ readonly pem: string | null } | { readonly refused: string }>;
  add(alias: string, pem: string): Promise<KeytoolAnswer>;
  remove(alias: string): Promise<KeytoolAnswer>;
  bytes(): Promise<Buffer>;
}

/** Where the connector's own keytool is. @throws BridgeError INSTALL_LINK */
export async function findKeytool(home: ConnectorHome): Promise<string | null> {
  for (const name of ['keytool', 'keytool.exe']) {
    const path = placeIn(home, `jre/bin/${name}`);
    if ((await statPlain(path))?.isFile() === true) return path;
  }
  return null;
}

/** What the store of a Java has unless somebody changed it. No public source says so of a connector's. */
const STORE_PASSWORD = 'changeit';

const PASSWORD_VARIABLE = 'FLEXBRIDGE_STORE_PASSWORD';
const READ = constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NOFOLLOW);
const TIMEOUT_MS = 60_000;

/**
 * Lends a copy of the store in a folder that only this user reads, so that keytool, which writes in place, never touches
 * the real one. Where root works for another user, keytool runs as that user, whose program it is.
 */
export async function withStoreCopy<T>(
  { keytool, store, owner }: { readonly keytool: string; readonly store: Uint8Array; readonly owner: Owner | null },
  work: (copy: StoreCopy) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'flexbridge-keytool-'));
  const file = join(folder, 'cacerts');
  const certificate = join(folder, 'certificate.pem');
  try {
    await writeFile(file, store, { mode: 0o600 });
    if (owner !== null) for (const path of [file, folder]) await chown(path, owner.uid, owner.gid);
    const run = (args: readonly string[]) =>
      runKeytool(keytool, [...args, '-keystore', file, '-storepass:env', PASSWORD_VARIABLE], { cwd: folder, owner });
    return await work({
      async find(alias) {
        const answer = await run(['-list', '-rfc', '-alias', alias]);
        if (answer.kind === 'done')
          return { pem: /-----BEGIN[\s\S]*-----END CERTIFICATE-----/.exec(answer.out)?.[0] ?? '' };
        return answer.reason.includes('does not exist') ? { pem: null } : { refused: answer.reason };
      },
      async add(alias, pem) {
        // Where the folder is another user's by now, a link of theirs must not lead this elsewhere.
        await writeFile(certificate, pem, { mode: 0o644, flag: 'wx' });
        return run(['-importcert', '-noprompt', '-alias', alias, '-file', certificate]);
      },
      remove: (alias) => run(['-delete', '-alias', alias]),
      bytes: () => readFile(file, { flag: READ }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runKeytool(
  keytool: string,
  args: readonly string[],
  { cwd, owner }: { readonly cwd: string; readonly owner: Owner | null },
): Promise<KeytoolAnswer> {
  // English, as what it says is read; its environment holds nothing of ours.
  const words = ['-J-Duser.language=en', ...args];
  const options = {
    // One that its user may enter.
    cwd,
    env: { [PASSWORD_VARIABLE]: STORE_PASSWORD },
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 4 * 1024 * 1024,
    windowsHide: true,
    ...owner,
  } as const;
  return new Promise((resolve) => {
    const child = execFile(keytool, words, options, (failure, out, err) => {
      if (failure === null) resolve({ kind: 'done', out });
      else resolve({ kind: 'refused', reason: reasonOf(failure.killed === true, `${out}\n${err}`, failure.message) });
    });
    child.stdin?.end();
  });
}

function reasonOf(wasKilled: boolean, said: string, message: string): string {
  if (wasKilled) return `keytool did not end within ${TIMEOUT_MS / 1000} seconds`;
  const line =
    said.split(/\r?\n/).find((text) => text.startsWith('keytool error:')) ?? said.trim().split(/\r?\n/)[0] ?? '';
  // A program that did not start has said nothing.
  return (line === '' ? (message.split('\n')[0] ?? '') : line).slice(0, 300);
}
