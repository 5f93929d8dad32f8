import { existsSync } from 'node:fs';
import { bridgeLogins, expectations } from '../bridge.ts';
import { servedCertificate } from '../bridge-certificate.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { systemClock } from '../domain/clock.ts';
import { openAccessStore } from '../store/access-store.ts';
import { runningInstance } from '../store/instance-lock.ts';
import { createSqliteStore } from '../store/sqlite-detection-store.ts';
import { findings, type Observations } from '../telemetry/findings.ts';
import { observe } from '../telemetry/observe.ts';
import type { Console } from './console.ts';
import { exitCodeOf, findingsReport } from './findings-report.ts';

/** Says why no event arrives: the running bridge's own record of every link of the chain. Exit code 1 when one is broken. */
export async function doctor(
  options: { readonly config?: string; readonly json?: boolean },
  { out }: Console,
): Promise<number> {
  const config = await loadConfig({ argvPath: options.config });
  const rows = findings({ ...(await look(config)), instance: runningInstance(config.store.path) });
  out(options.json ? `${JSON.stringify({ findings: rows }, null, 2)}\n` : findingsReport(rows));
  return exitCodeOf(rows);
}

async function look(config: Config): Promise<Observations> {
  if (!existsSync(config.store.path)) {
    const base = {
      nowMs: systemClock.now(),
      configWarnings: config.warnings,
      certificate: null,
      initialCredentials: null,
    };
    return { ...base, store: { kind: 'absent' }, sources: [], feeds: [], connectors: [] };
  }
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
