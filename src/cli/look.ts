import { existsSync } from 'node:fs';
import { bridgeLogins, expectations } from '../bridge.ts';
import { servedCertificate } from '../bridge-certificate.ts';
import type { Config } from '../config/config.ts';
import { systemClock } from '../domain/clock.ts';
import { toBridgeError } from '../domain/errors.ts';
import { openAccessStore } from '../store/access-store.ts';
import { leftInitialCredentials } from '../store/first-logins.ts';
import { runningInstance } from '../store/instance-lock.ts';
import { createSqliteStore } from '../store/sqlite-detection-store.ts';
import type { Observations } from '../telemetry/observations.ts';
import { observe } from '../telemetry/observe.ts';

/**
 * The running bridge's own record, read from beside it: `doctor` and `status` see through this and nothing else. The
 * event store is opened read-only; a file that cannot be opened, be it the store, the lock or the logins, is an
 * observation, not a failure.
 */
export async function look(config: Config): Promise<Observations> {
  const { path } = config.store;
  let instance: number | null = null;
  try {
    instance = runningInstance(path);
    if (!existsSync(path)) return { ...(await unread(config)), instance, store: { kind: 'absent' } };
    return { ...(await read(config)), instance };
  } catch (thrown) {
    const { kind, message, hint } = toBridgeError(thrown);
    if (kind === 'bug') throw thrown;
    return {
      ...(await unread(config)),
      certificate: await servedCertificate(config.server),
      initialCredentials: leftInitialCredentials(config.dataDir),
      instance,
      store: { kind: 'failed', meaning: message, remedy: hint },
    };
  }
}

async function read(config: Config): Promise<Observations> {
  const access = openAccessStore(config.dataDir);
  const { connectors } = bridgeLogins(config, access);
  access.close();
  const expected = expectations(config, connectors, await servedCertificate(config.server));
  const store = createSqliteStore({ path: config.store.path, clock: systemClock, readOnly: true });
  try {
    return await observe(store, expected, systemClock);
  } finally {
    await store.close();
  }
}

/** What is known without a store. */
async function unread(config: Config): Promise<Omit<Observations, 'store'>> {
  const { configWarnings, credentials, clouds } = expectations(config, [], null);
  return {
    nowMs: systemClock.now(),
    configWarnings,
    certificate: null,
    credentials: await credentials(),
    clouds,
    initialCredentials: null,
    sources: [],
    feeds: [],
    connectors: [],
  };
}
