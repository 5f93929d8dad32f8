import { byState, type Finding } from '../domain/finding.ts';
import {
  type FeedStats,
  followsStamp,
  type Position,
  type SourceKey,
  type SourceStatus,
  type StoreStats,
} from '../store/detection-store.ts';

/** A source that ought to be polled. */
export interface ExpectedSource {
  readonly tenantName: string;
  readonly key: SourceKey;
  /** Without a success for this long it is worth a look, even if no poll failed. */
  readonly silentAfterMs: number;
}

/** What the table is made from: observations, no judgement yet. Times are epoch ms. */
export interface Observations {
  readonly nowMs: number;
  readonly configWarnings: readonly { readonly path: string; readonly message: string; readonly remedy: string }[];
  readonly sources: readonly (ExpectedSource & { readonly status: SourceStatus | null })[];
  readonly store:
    | { readonly kind: 'read'; readonly stats: StoreStats }
    | { readonly kind: 'absent' }
    | { readonly kind: 'failed'; readonly meaning: string; readonly remedy: string };
  readonly feeds: readonly { readonly name: string; readonly stats: FeedStats }[];
  readonly connectors: readonly { readonly name: string; readonly feed: string; readonly position: Position | null }[];
  /** Null where the bridge serves plain http. */
  readonly certificate: { readonly notAfterMs: number; readonly subject: string } | null;
  /** When each tenant's credential expires, epoch ms; null when nobody said. */
  readonly credentials: readonly { readonly tenantName: string; readonly expiresMs: number | null }[];
  /** Path of the initial-credentials file while it is still there. */
  readonly initialCredentials: string | null;
  /** Pid of the running `serve`; null when none runs, undefined where nobody looked (inside `serve` itself). */
  readonly instance?: number | null;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
const RECENT_MS = DAY;
const CONNECTOR_SILENT_MS = 15 * MINUTE;
const CERTIFICATE_SOON_MS = 14 * DAY;
/** Sendings of one page without an acknowledgement that are worth a look. */
const MANY_TRIES = 5;

/** The table of findings, worst first. Pure: every view of health shows these rows and no others. */
export function findings(seen: Observations): readonly Finding[] {
  return byState([
    ...config(seen),
    ...seen.sources.flatMap((source) => [
      tokenRow(source),
      sourceRow(source, seen.nowMs),
      ...recordsRow(source, seen.nowMs),
    ]),
    storeRow(seen),
    ...seen.feeds.map(feedRow),
    ...seen.connectors.flatMap((connector) => connectorRows(connector, seen)),
    ...certificateRow(seen),
    ...seen.credentials.map((credential) => expiryRow(credential, seen.nowMs)),
    ...credentialsRow(seen),
    ...instanceRow(seen),
  ]);
}

function ok(id: Finding['id'], subject: string, meaning: string, sinceMs: number | null = null): Finding {
  return { id, state: 'ok', subject, sinceMs, meaning, remedy: '' };
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

type SeenSource = Observations['sources'][number];

function subjectOf({ tenantName, key }: SeenSource): string {
  return `${tenantName}/${key.source}`;
}

/** Codes of failures to get a token start so. */
const TOKEN_CODE = 'TOKEN_';
/** Codes of answers to a request that carried a token: whatever Microsoft said, it had issued one. */
const REFUSAL_CODE = 'UPSTREAM_';

function tokenRow({ tenantName, status }: SeenSource): Finding {
  const error = status?.lastError;
  if (error?.code.startsWith(TOKEN_CODE)) return failing('token', tenantName, status);
  const accepted = status?.lastSuccessMs ?? (error?.code.startsWith(REFUSAL_CODE) ? status?.lastTryMs : null);
  if (accepted == null) {
    return {
      ...ok('token', tenantName, 'No token has been used yet.'),
      state: 'warning',
      remedy: 'Wait for the first poll; flexbridge check --online tries the credential at once.',
    };
  }
  return ok('token', tenantName, 'Microsoft accepts the credential.', accepted);
}

function sourceRow(source: SeenSource, nowMs: number): Finding {
  const { status } = source;
  const subject = subjectOf(source);
  if (status?.lastError) return failing('source.poll', subject, status);
  if (status?.lastSuccessMs == null) {
    return {
      ...ok('source.poll', subject, 'No poll of Microsoft has finished yet.'),
      state: 'warning',
      remedy: 'Wait for the first poll, or look at the log for the reason.',
    };
  }
  if (nowMs - status.lastSuccessMs > source.silentAfterMs) {
    return {
      id: 'source.poll',
      state: 'warning',
      subject,
      sinceMs: status.lastSuccessMs,
      meaning: 'No poll has finished for a while, and none has failed.',
      remedy: 'Check that the bridge is running and what its schedule says.',
    };
  }
  return ok('source.poll', subject, 'Microsoft answers.', status.lastSuccessMs);
}

function failing(id: Finding['id'], subject: string, status: SourceStatus | null): Finding {
  const error = status?.lastError;
  const acts = error?.kind === 'operator' || error?.kind === 'bug';
  return {
    id,
    state: acts ? 'failed' : 'warning',
    subject,
    sinceMs: status?.failingSinceMs ?? null,
    meaning: error?.message ?? '',
    remedy: error?.hint ?? '',
  };
}

function recordsRow(source: SeenSource, nowMs: number): readonly Finding[] {
  const { rejected, lastRejectedMs } = source.status ?? { rejected: 0, lastRejectedMs: null };
  if (rejected === 0 || lastRejectedMs === null) return [];
  const meaning = `${rejected} records from Microsoft could not be read; they are kept with their reason.`;
  const subject = subjectOf(source);
  if (nowMs - lastRejectedMs > RECENT_MS) return [ok('source.records', subject, meaning, lastRejectedMs)];
  return [
    {
      id: 'source.records',
      state: 'warning',
      subject,
      sinceMs: lastRejectedMs,
      meaning,
      remedy: 'Look for "could not be read" in the log and report the reason.',
    },
  ];
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

function connectorRows(
  { name, feed, position }: Observations['connectors'][number],
  { feeds, nowMs }: Observations,
): readonly Finding[] {
  const subject = `${name}/${feed}`;
  if (position === null) {
    return [
      {
        id: 'connector.poll',
        state: 'warning',
        subject,
        sinceMs: null,
        meaning: 'This connector has never asked for events.',
        remedy: 'Set the connector up as INSTALL.md says; check address, certificate and login.',
      },
    ];
  }
  const lastSeq = feeds.find((candidate) => candidate.name === feed)?.stats.lastSeq ?? position.acknowledged;
  const backlog = lastSeq - position.acknowledged;
  const silent = nowMs - position.lastPollMs > CONNECTOR_SILENT_MS;
  const poll: Finding = silent
    ? {
        id: 'connector.poll',
        state: 'failed',
        subject,
        sinceMs: position.lastPollMs,
        meaning: `The connector has stopped asking for events; ${backlog} wait for it.`,
        remedy:
          'Check that the connector runs and reaches this bridge (its agent.log), and that its login still works.',
      }
    : ok(
        'connector.poll',
        subject,
        `The connector asks for events; ${backlog} wait for their acknowledgement.`,
        position.lastPollMs,
      );
  return [poll, timeRow(subject, position)];
}

/** What the connector's time proves, and so what is guaranteed (design: Feed). */
function timeRow(subject: string, position: Position): Finding {
  const tries = position.page?.tries.length ?? 0;
  if (tries >= MANY_TRIES) {
    return {
      id: 'connector.time',
      state: 'warning',
      subject,
      sinceMs: position.page?.tries[0]?.atMs ?? null,
      meaning: `One page has been sent ${tries} times without being acknowledged.`,
      remedy:
        'Look at the connector\'s agent.log; if its URL carries no $START_AT_TIME or its time never moves, set the feed to "acknowledge: response".',
    };
  }
  const follows = followsStamp(position);
  return ok(
    'connector.time',
    subject,
    follows
      ? 'Its time repeats the stamp of each page: every event is delivered at least once, also when it crashes.'
      : 'Its time does not repeat the page stamps: every event is delivered at least once up to its receipt by the peer.',
  );
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
