import { existsSync } from 'node:fs';
import { bridgeLogins, credentialExpiries, expectations } from '../bridge.ts';
import { servedCertificate } from '../bridge-certificate.ts';
import type { Config } from '../config/config.ts';
import { systemClock } from '../domain/clock.ts';
import { toBridgeError } from '../domain/errors.ts';
import { openAccessStore } from '../store/access-store.ts';
import type { DetectionStore } from '../store/detection-store.ts';
import { runningInstance } from '../store/instance-lock.ts';
import { createSqliteStore } from '../store/sqlite-detection-store.ts';
import type { Observations } from '../telemetry/observations.ts';
import { observe } from '../telemetry/observe.ts';

/**
 * The running bridge's own record, read from beside it: `doctor` and `status` see through this and nothing else. The
 * event store is opened read-only; one that cannot be opened is an observation, not a failure.
 */
export async function look(config: Config): Promise<Observations> {
  const common = {
    nowMs: systemClock.now(),
    configWarnings: config.warnings,
    certificate: null,
    credentials: credentialExpiries(config),
    initialCredentials: null,
    sources: [],
    feeds: [],
    connectors: [],
    instance: runningInstance(config.store.path),
  };
  if (!existsSync(config.store.path)) return { ...common, store: { kind: 'absent' } };
  const access = openAccessStore(config.dataDir);
  const { connectors } = bridgeLogins(config, access);
  access.close();
  const expected = expectations(config, connectors, await servedCertificate(config.server));
  let store: DetectionStore;
  try {
    store = createSqliteStore({ path: config.store.path, clock: systemClock, readOnly: true });
  } catch (thrown) {
    const { message, hint } = toBridgeError(thrown);
    return {
      ...common,
      certificate: expected.certificate,
      initialCredentials: expected.initialCredentials(),
      store: { kind: 'failed', meaning: message, remedy: hint },
    };
  }
  try {
    return { ...(await observe(store, expected, systemClock)), instance: common.instance };
  } finally {
    await store.close();
  }
}
