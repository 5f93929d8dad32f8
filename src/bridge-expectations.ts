import { feedReaders } from './bridge-feeds.ts';
import { readReloadNote } from './bridge-reload-note.ts';
import { intervalMs } from './collector/scheduler.ts';
import { cloudNotes } from './config/cloud-notes.ts';
import type { Config } from './config/config.ts';
import { credentialExpiries } from './config/credential-expiries.ts';
import type { ConnectorLogin } from './http/access.ts';
import type { SourceKey } from './store/detection-store.ts';
import { leftInitialCredentials } from './store/first-logins.ts';
import type { Expected } from './telemetry/observe.ts';

/** A source without a success for this long, or for three turns of its schedule, is worth a look. */
const SILENT_MS = 15 * 60_000;

/** What ought to be seen, for the table of findings. */
export function expectations(
  config: Config,
  connectors: readonly Pick<ConnectorLogin, 'name' | 'feeds'>[],
  certificate: Expected['certificate'],
  serving: Expected['serving'] = null,
): Expected {
  return {
    configWarnings: config.warnings,
    reload: () => readReloadNote(config.dataDir),
    alarms: config.alarms,
    retention: { policy: config.store.retention, readers: config.feeds.map((feed) => feedReaders(feed, connectors)) },
    serving,
    sources: config.tenants.flatMap(({ name, tenantId, sources }) =>
      sources.map(({ api, schedule: cron }) => ({
        tenantName: name,
        key: { tenantId, source: api } satisfies SourceKey,
        silentAfterMs: Math.max(SILENT_MS, 3 * intervalMs(cron)),
      })),
    ),
    feeds: config.feeds.map(({ name, acknowledge, heartbeatMs }) => ({
      name,
      acknowledge,
      heartbeatMs,
    })),
    connectors: connectors.map(({ name, feeds }) => ({ name, feeds: [...feeds] })),
    certificate,
    credentials: () => credentialExpiries(config),
    clouds: cloudNotes(config),
    initialCredentials: () => leftInitialCredentials(config.dataDir),
  };
}
