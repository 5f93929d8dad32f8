import { byState, type Finding, ok } from '../domain/finding.ts';
import { connectorFindings } from './connector-findings.ts';
import type { Observations } from './observations.ts';
import { sourceFindings } from './source-findings.ts';

const DAY = 86_400_000;
const CERTIFICATE_SOON_MS = 14 * DAY;

/** The table of findings, worst first. Pure: every view of health shows these rows and no others. */
export function findings(seen: Observations): readonly Finding[] {
  return byState([
    ...config(seen),
    ...seen.sources.flatMap((source) => sourceFindings(source, seen.nowMs)),
    storeRow(seen),
    ...seen.feeds.map(feedRow),
    ...seen.connectors.flatMap((connector) => connectorFindings(connector, seen)),
    ...certificateRow(seen),
    ...seen.credentials.map((credential) => expiryRow(credential, seen.nowMs)),
    ...credentialsRow(seen),
    ...instanceRow(seen),
  ]);
}

function config({ configWarnings }: Observations): readonly Finding[] {
  if (configWarnings.length === 0) return [ok('config', 'configuration', 'The configuration is valid.')];
  return configWarnings.map(({ path, message, remedy }) => ({
    id: 'config',
    state: 'warning',
    subject: path,
    sinceMs: null,
    meaning: message,
    remedy,
  }));
}

function storeRow({ store }: Observations): Finding {
  switch (store.kind) {
    case 'absent':
      return ok('store', 'store', 'There is no database yet; serve makes it.');
    case 'failed':
      return { ...ok('store', 'store', store.meaning), state: 'failed', remedy: store.remedy };
    case 'read': {
      const { alerts, detections, bytes } = store.stats;
      return ok('store', 'store', `Readable: ${alerts} alerts, ${detections} events, ${Math.ceil(bytes / 1e6)} MB.`);
    }
  }
}

function feedRow({ name, stats }: Observations['feeds'][number]): Finding {
  const meaning = stats.lastSeq === 0 ? 'No event has been stored yet.' : `${stats.lastSeq} events stored.`;
  return ok('feed', name, meaning, stats.lastStoredMs);
}

function certificateRow({ certificate, nowMs }: Observations): readonly Finding[] {
  if (certificate === null) return [];
  const { notAfterMs, subject } = certificate;
  const until = new Date(notAfterMs).toISOString().slice(0, 10);
  if (notAfterMs - nowMs > CERTIFICATE_SOON_MS) return [ok('certificate', subject, `Valid until ${until}.`)];
  return [
    {
      id: 'certificate',
      state: notAfterMs <= nowMs ? 'failed' : 'warning',
      subject,
      sinceMs: null,
      meaning:
        notAfterMs <= nowMs
          ? `The server certificate expired on ${until}.`
          : `The server certificate expires on ${until}.`,
      remedy: 'Replace server.tls.certFile and keyFile and restart; a self-made certificate is renewed by a restart.',
    },
  ];
}

/** Days before the end at which it becomes a matter for somebody. */
const EXPIRY_WARNING_DAYS = 30;
const EXPIRY_URGENT_DAYS = 1;

function expiryRow({ tenantName, expiresMs }: Observations['credentials'][number], nowMs: number): Finding {
  const id = 'credential.expiry';
  if (expiresMs === null) {
    return ok(
      id,
      tenantName,
      'When the client secret expires is not known; credential.expires makes it a warning in time.',
    );
  }
  const days = Math.floor((expiresMs - nowMs) / DAY);
  const day = new Date(expiresMs).toISOString().slice(0, 10);
  if (days > EXPIRY_WARNING_DAYS) return ok(id, tenantName, `The client secret expires on ${day}, in ${days} days.`);
  return {
    id,
    state: days < EXPIRY_URGENT_DAYS ? 'failed' : 'warning',
    subject: tenantName,
    sinceMs: null,
    meaning:
      days < 0 ? `The client secret expired on ${day}.` : `The client secret expires on ${day}, in ${days} days.`,
    remedy:
      'Make a new client secret in the Entra admin center (App registrations > Certificates & secrets), put it in place of the old one, set credential.expires, and restart.',
  };
}

function credentialsRow({ initialCredentials }: Observations): readonly Finding[] {
  if (initialCredentials === null) return [];
  return [
    {
      id: 'credentials.initial',
      state: 'warning',
      subject: initialCredentials,
      sinceMs: null,
      meaning: 'The passwords of the first start are still on the disk in clear.',
      remedy: 'Take them over into the connector and your password store, then delete the file.',
    },
  ];
}

function instanceRow({ instance }: Observations): readonly Finding[] {
  if (instance === undefined) return [];
  if (instance !== null) return [ok('instance', 'serve', `The bridge is running (pid ${instance}).`)];
  return [
    {
      ...ok('instance', 'serve', 'The bridge is not running, so nothing is collected and no feed is served.'),
      state: 'failed',
      remedy: 'Start it: flexbridge serve',
    },
  ];
}
