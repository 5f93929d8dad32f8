import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { servedCertificate } from '../bridge-certificate.ts';
import { expectations } from '../bridge-expectations.ts';
import { bridgeLogins } from '../bridge-logins.ts';
import type { Config } from '../config/config.ts';
import { systemClock } from '../domain/clock.ts';
import { toBridgeError } from '../domain/errors.ts';
import type { Logins } from '../http/access.ts';
import { leftInitialCredentials } from '../store/first-logins.ts';
import { runningInstance } from '../store/instance-lock.ts';
import { openAccessStore } from '../store/sqlite-access-store.ts';
import { createSqliteStore } from '../store/sqlite-detection-store.ts';
import type { Observations } from '../telemetry/observations.ts';
import { observe } from '../telemetry/observe.ts';
import { askBridge } from './ask-bridge.ts';

/**
 * The running bridge's own record, read from beside it: `doctor` and `status` see through this and nothing else. The
 * event store is opened read-only, and the bridge is asked for its readiness; a file that cannot be opened, be it the store, the lock or the logins, is an
 * observation, not a failure.
 */
export async function look(config: Config): Promise<Observations> {
  const { path } = config.store;
  let instance: number | null | undefined;
  try {
    instance = runningInstance(path);
    if (!existsSync(path)) return { ...(await unread(config)), instance, store: { kind: 'absent' } };
    const seen = await read(config);
    return { ...(instance === null ? seen : await asServed(seen, config.server)), instance };
  } catch (thrown) {
    const { kind, message, hint } = toBridgeError(thrown);
    if (kind === 'bug') throw thrown;
    // Of a lock that this account may not try, only the bridge itself can say whether somebody holds it.
    const isAlive = instance === undefined && (await readinessReasons(config.server)) !== null;
    return {
      ...(await unread(config)),
      certificate: await servedCertificate(config.server),
      initialCredentials: leftInitialCredentials(config.dataDir),
      ...(isAlive ? {} : { instance: instance ?? null }),
      store: { kind: 'failed', meaning: message, remedy: hint },
    };
  }
}

async function read(config: Config): Promise<Observations> {
  const { connectors } = knownLogins(config);
  const expected = expectations(config, connectors, await servedCertificate(config.server));
  const store = createSqliteStore({ path: config.store.path, clock: systemClock, readOnly: true });
  try {
    return await observe(store, expected, systemClock);
  } finally {
    await store.close();
  }
}

/** A look makes no database of logins where there is none. */
function knownLogins(config: Config): Logins {
  if (!existsSync(join(config.dataDir, 'access.db'))) return bridgeLogins(config);
  const access = openAccessStore(config.dataDir);
  try {
    return bridgeLogins(config, access);
  } finally {
    access.close();
  }
}

/**
 * Whether the store can be written only the running bridge knows, and what it could not write it alone has: of its
 * connectors nothing is shown then. Asked without a login; as it was seen when there is no answer.
 */
async function asServed(seen: Observations, server: Config['server']): Promise<Observations> {
  const { store } = seen;
  const reasons = await readinessReasons(server);
  if (store.kind !== 'read' || reasons === null) return seen;
  const trouble = reasons.find((reason) => reason.startsWith('store.writable: '));
  if (trouble === undefined) return { ...seen, store: { ...store, unwritable: null } };
  const unwritable = {
    code: trouble.endsWith('warning') ? 'STORE_BUSY' : 'STORE_FAILED',
    message: 'the running bridge says so, and its log says why',
    hint: 'Free space on the disk of the data folder, or make it writable for the account that runs FlexBridge; all resumes by itself. Do not restart the bridge before: how far connectors have got is in its memory only, and to be seen in /status.json.',
    sinceMs: null,
  };
  return { ...seen, connectors: [], store: { ...store, unwritable } };
}

async function readinessReasons(server: Config['server']): Promise<readonly string[] | null> {
  try {
    const { body } = await askBridge(server, '/readyz');
    const answer: unknown = JSON.parse(body);
    const reasons: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'reasons') : null;
    return Array.isArray(reasons) ? reasons.filter((reason) => typeof reason === 'string') : null;
  } catch {
    return null;
  }
}

/** What is known without a store. */
async function unread(config: Config): Promise<Omit<Observations, 'store'>> {
  const { configWarnings, reload, alarms, credentials, clouds } = expectations(config, [], null);
  return {
    nowMs: systemClock.now(),
    configWarnings,
    reload: reload?.() ?? null,
    alarms,
    certificate: null,
    credentials: await credentials(),
    clouds,
    initialCredentials: null,
    sources: [],
    feeds: [],
    connectors: [],
    retention: null,
  };
}
