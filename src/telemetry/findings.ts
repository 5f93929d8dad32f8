import { type Finding, ok } from '../domain/finding.ts';
import { inChainOrder } from './chain-order.ts';
import { choiceFindings } from './choice-findings.ts';
import { connectorFindings } from './connector-findings.ts';
import { credentialFindings } from './credential-findings.ts';
import { feedFindings } from './feed-findings.ts';
import { loginFindings } from './login-findings.ts';
import type { Observations } from './observations.ts';
import { sourceFindings, tokenFindings } from './source-findings.ts';
import { storeFindings } from './store-findings.ts';

const DAY = 86_400_000;
const CERTIFICATE_SOON_MS = 14 * DAY;

/**
 * The table of findings, worst first, and inside a state cause before consequence. Pure: every view of health shows these
 * rows and no others.
 */
export function findings(seen: Observations): readonly Finding[] {
  return inChainOrder(withProbed(recorded(seen), seen.probed ?? []));
}

function recorded(seen: Observations): readonly Finding[] {
  return [
    ...config(seen),
    ...reloadRow(seen),
    ...(seen.chosen ?? []).flatMap(choiceFindings),
    ...seen.clouds.map(cloudRow),
    ...tokenFindings(seen.sources),
    ...seen.sources.flatMap((source) => sourceFindings(source, seen.nowMs)),
    ...storeFindings(seen),
    ...seen.feeds.flatMap((feed) => feedFindings(feed, seen.nowMs)),
    ...loginFindings(seen),
    ...seen.connectors.flatMap((connector) => connectorFindings(connector, seen)),
    ...certificateRow(seen),
    ...credentialFindings(seen),
    ...credentialsRow(seen),
    ...instanceRow(seen),
  ];
}

/** What was tried out just now stands in the place of what was recorded; since when it is so, only the record knows. */
function withProbed(rows: readonly Finding[], probed: readonly Finding[]): readonly Finding[] {
  const keyOf = ({ id, subject }: Finding): string => `${id} ${subject}`;
  const before = new Map(rows.map((row) => [keyOf(row), row]));
  const tried = new Set(probed.map(keyOf));
  const now = probed.map((row) => {
    const known = before.get(keyOf(row));
    const isOld = row.state !== 'ok' && known !== undefined && known.state !== 'ok';
    return isOld ? { ...row, sinceMs: row.sinceMs ?? known.sinceMs } : row;
  });
  return [...rows.filter((row) => !tried.has(keyOf(row))), ...now];
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

/** Inside `serve` nobody looks for an instance: it is its own. */
function reloadRow({ reload, instance }: Observations): readonly Finding[] {
  if (reload === undefined || reload === null) return [];
  const { pid, ...told } = reload;
  if (instance !== undefined && instance !== pid) return [];
  return [{ id: 'config.reload', state: 'failed', subject: 'configuration', ...told }];
}

function cloudRow({ tenantName, state, meaning, remedy }: Observations['clouds'][number]): Finding {
  return { id: 'cloud', state, subject: tenantName, sinceMs: null, meaning, remedy };
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
      remedy:
        'Replace the files of server.tls.certFile and keyFile: they are taken over within seconds. A self-made certificate renews itself 30 days before its end; where it did not, the log says why.',
    },
  ];
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
