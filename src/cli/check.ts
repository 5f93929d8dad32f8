import { existsSync } from 'node:fs';
import { servedCertificate } from '../bridge-certificate.ts';
import { tenantAccess } from '../bridge-tenants.ts';
import { cloudNotes } from '../config/cloud-notes.ts';
import type { Config, TenantConfig } from '../config/config.ts';
import { credentialExpiries } from '../config/credential-expiries.ts';
import { loadConfig } from '../config/load.ts';
import { openTenant } from '../defender/registry.ts';
import type { Source } from '../defender/source.ts';
import { systemClock } from '../domain/clock.ts';
import { toBridgeError } from '../domain/errors.ts';
import { NEVER_POLLED, type SourceStatus } from '../store/detection-store.ts';
import { leftInitialCredentials } from '../store/first-logins.ts';
import { createSqliteStore } from '../store/sqlite-detection-store.ts';
import { findings } from '../telemetry/findings.ts';
import type { Observations } from '../telemetry/observations.ts';
import type { Console } from './console.ts';
import { exitCodeOf, findingsReport } from './findings-report.ts';

const ONLINE_LIMIT_MS = 60_000;

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
    sources: options.online ? (await Promise.all(config.tenants.map(askMicrosoft))).flat() : [],
    store: await lookAtStore(config),
    feeds: [],
    connectors: [],
    retention: null,
    certificate: await servedCertificate(config.server),
    credentials: await credentialExpiries(config),
    clouds: cloudNotes(config),
    initialCredentials: leftInitialCredentials(config.dataDir),
    chosen: config.feeds,
  });
  out(options.json ? `${JSON.stringify({ findings: rows }, null, 2)}\n` : findingsReport(rows));
  // A bridge heals itself of an unreachable Microsoft; somebody who asks whether it can be reached wants a no.
  const unreachable = rows.some(({ id, state }) => id === 'source.poll' && state !== 'ok');
  return unreachable ? 1 : exitCodeOf(rows);
}

/** One token and one real request per API of the tenant. */
async function askMicrosoft(tenant: TenantConfig): Promise<Observations['sources']> {
  const opened = openTenant(tenantAccess(tenant), { clock: systemClock, emit: () => undefined });
  try {
    return await Promise.all(
      tenant.sources.map(async ({ api }) => ({
        tenantName: tenant.name,
        key: { tenantId: tenant.tenantId, source: api },
        silentAfterMs: Number.POSITIVE_INFINITY,
        status: await statusOf(opened.source(api)),
        watermark: null,
        quarantine: null,
      })),
    );
  } finally {
    await opened.close();
  }
}

async function statusOf(source: Source): Promise<SourceStatus> {
  const nowMs = systemClock.now();
  const base = { ...NEVER_POLLED, lastTryMs: nowMs };
  try {
    await source.serverNow(AbortSignal.timeout(ONLINE_LIMIT_MS));
    return { ...base, lastSuccessMs: nowMs, tokenProblem: source.tokenProblem() };
  } catch (thrown) {
    const { code, kind, message, hint } = toBridgeError(thrown);
    const lastError = { code, kind, message, hint };
    return { ...base, failures: 1, failingSinceMs: nowMs, lastError, tokenProblem: source.tokenProblem() };
  }
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
