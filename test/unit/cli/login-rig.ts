import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessStore } from '../../../src/store/access-store.ts';
import { openAccessStore } from '../../../src/store/sqlite-access-store.ts';
import { createErrandRig, type ErrandRig, type Ran } from './errand-rig.ts';

/** What `connector create --json` and `rotate --json` print. */
export interface Issued {
  readonly connector: string;
  readonly kind: string;
  readonly feeds: readonly string[];
  readonly clientId?: string;
  readonly secret: string;
  readonly refreshToken: { readonly id: string; readonly token: string } | null;
  readonly clientFile: string | null;
  readonly wizard: readonly { readonly field: string; readonly answer: string }[];
  readonly notes: readonly string[];
}

/** The commands about logins, over a real folder; its configuration has the connectors arcsight-01 and -02. */
export interface LoginRig extends ErrandRig {
  /** Changes the text of the configuration. */
  configure(change: (text: string) => string): void;
  /** `connector ... --json`, which has to succeed. */
  issue(...args: readonly string[]): Promise<Issued>;
  /** Runs a command that has to fail with that code, and gives what it said. */
  refusal(code: string, ...args: readonly string[]): Promise<string>;
  logins<Result>(look: (access: AccessStore) => Result): Result;
  audited(): Promise<readonly { readonly action: string; readonly details: unknown }[]>;
  write(name: string, text: string): string;
}

export function createLoginRig(): LoginRig {
  const rig = createErrandRig();
  const file = join(rig.folder, 'flexbridge.yaml');
  return {
    ...rig,
    configure(change) {
      writeFileSync(file, change(readFileSync(file, 'utf8')));
    },
    async issue(...args) {
      const ran = await rig.command('connector', ...args, '--json');
      if (ran.code !== 0) throw new Error(ran.err);
      return JSON.parse(ran.out) as Issued;
    },
    async refusal(code, ...args) {
      const ran: Ran = await rig.command(...args);
      if (ran.code !== 1 || ran.out !== '' || !ran.err.includes(`[${code}]`) || !ran.err.includes('->'))
        throw new Error(`wanted ${code}, got ${ran.code}: ${ran.out}${ran.err}`);
      return ran.err;
    },
    logins(look) {
      const access = openAccessStore(join(rig.folder, 'data'));
      try {
        return look(access);
      } finally {
        access.close();
      }
    },
    async audited() {
      const entries = await rig.withStore((store) => store.audit(20));
      return entries.map(({ action, details }) => ({ action, details }));
    },
    write(name, text) {
      const path = join(rig.folder, name);
      appendFileSync(path, text, { mode: 0o600 });
      return path;
    },
  };
}
