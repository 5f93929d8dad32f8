import { existsSync } from 'node:fs';
import { servedCertificate } from '../bridge-certificate.ts';
import { cloudNotes } from '../config/cloud-notes.ts';
import type { Config } from '../config/config.ts';
import { credentialExpiries } from '../config/credential-expiries.ts';
import { loadConfig } from '../config/load.ts';
import { systemClock } from '../domain/clock.ts';
import { toBridgeError } from '../domain/errors.ts';
import { findingsText } from '../domain/findings-text.ts';
import { leftInitialCredentials } from '../store/first-logins.ts';
import { createSqliteStore } from '../store/sqlite-detection-store.ts';
import { findings } from '../telemetry/findings.ts';
import type { Observations } from '../telemetry/observations.ts';
import type { Console } from './console.ts';
import { microsoftRows } from './doctor/microsoft-rows.ts';
import { exitCodeOf } from './findings-report.ts';

/** Checks what can be checked without a running bridge. Exit code 1 when a finding has failed. */
export async function check(
  options: { readonly config?: string; readonly online?: boolean; readonly json?: boolean },
  { out }: Console,
): Promise<number> {
  const config = await loadConfig({ argvPath: options.config });
  const rows = findings({
    nowMs: systemClock.now(),
    configWarnings: config.warnings,
    alarms: config.alarms,
    sources: [],
    store: await lookAtStore(config),
    feeds: [],
    connectors: [],
    retention: null,
    certificate: await servedCertificate(config.server),
    credentials: await credentialExpiries(config),
    clouds: cloudNotes(config),
    initialCredentials: leftInitialCredentials(config.dataDir),
    chosen: config.feeds,
    probed: options.online ? await microsoftRows(config.tenants) : [],
  });
  out(options.json ? `${JSON.stringify({ findings: rows }, null, 2)}\n` : findingsText(rows));
  // A bridge heals itself of a busy Microsoft; somebody who asks whether it can be reached wants a no.
  const unreachable = rows.some(({ id, state }) => (id === 'token' || id === 'api') && state !== 'ok');
  return unreachable ? 1 : exitCodeOf(rows);
}

async function lookAtStore({ store: { path } }: Config): Promise<Observations['store']> {
  if (!existsSync(path)) return { kind: 'absent' };
  try {
    const store = createSqliteStore({ path, clock: systemClock, readOnly: true });
    const seen = { stats: await store.stats(), space: await store.space(), unwritable: undefined };
    await store.close();
    return { kind: 'read', ...seen };
  } catch (thrown) {
    const { message, hint } = toBridgeError(thrown);
    return { kind: 'failed', meaning: message, remedy: hint };
  }
}
