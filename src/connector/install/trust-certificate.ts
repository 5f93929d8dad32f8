import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { BridgeError } from '../../domain/errors.ts';
import type { Change } from './apply-changes.ts';
import { type ConnectorHome, placeIn } from './connector-home.ts';
import { installError } from './install-error.ts';
import { KEYSTORE_PATH, keptPath, type RecordedCertificate } from './install-record.ts';
import { findKeytool, withStoreCopy } from './keytool.ts';
import { statPlain } from './plain-path.ts';
import { readPresent } from './present-file.ts';

export interface CertificateOutcome {
  readonly alias: string;
  /** `by hand`: install may not or cannot; `failed`: it tried, and the store is as it was. */
  readonly state: 'imported' | 'same' | 'removed' | 'gone' | 'by hand' | 'failed';
  /** Why it is to be done by hand, or what failed. */
  readonly reason: string | null;
  /** What to run then. */
  readonly command: string | null;
  /** Copy of the store as it was, relative to the home. */
  readonly kept: string | null;
}

export interface CertificatePlan {
  readonly outcome: CertificateOutcome;
  readonly change: Change | null;
  readonly recorded: RecordedCertificate | null;
}

export interface CertificateRequest {
  readonly home: ConnectorHome;
  readonly pem: string;
  /** Absolute path at which the administrator finds the certificate. */
  readonly pemPath: string;
  readonly nowMs: number;
}

/** What makes the connector trust the bridge. Nothing is written yet. */
export async function planTrust({ home, pem, pemPath, nowMs }: CertificateRequest): Promise<CertificatePlan> {
  const certificate = readCertificate(pem);
  const alias = `flexbridge-${certificate.fingerprint256.replaceAll(':', '').slice(0, 8).toLowerCase()}`;
  const command = (keytool: string): string =>
    `${quoted(keytool)} -importcert -alias ${alias} -file ${quoted(pemPath)} -keystore ${quoted(placeIn(home, KEYSTORE_PATH))}`;
  const unable = (state: 'by hand' | 'failed', reason: string, keytool: string | null): CertificatePlan => ({
    outcome: { alias, state, reason, command: keytool === null ? null : command(keytool), kept: null },
    change: null,
    recorded: null,
  });
  const tools = await findTools(home);
  if ('reason' in tools) return unable('by hand', tools.reason, tools.keytool);
  const { keytool, store } = tools;
  return withStoreCopy({ keytool, store: store.bytes, owner: home.owner }, async (copy) => {
    const found = await copy.find(alias);
    if ('refused' in found) return unable('failed', found.refused, keytool);
    if (found.pem !== null) {
      if (isSame(found.pem, certificate))
        return {
          outcome: { alias, state: 'same', reason: null, command: null, kept: null },
          change: null,
          recorded: null,
        };
      return unable(
        'failed',
        `another certificate has the alias ${alias}; see what it is before you replace it`,
        keytool,
      );
    }
    const added = await copy.add(alias, pem);
    if (added.kind === 'refused') return unable('failed', added.reason, keytool);
    const kept = keptPath(KEYSTORE_PATH, nowMs);
    return {
      outcome: { alias, state: 'imported', reason: null, command: null, kept },
      change: storeChange(home, store, { bytes: await copy.bytes(), kept }),
      recorded: { alias, kept, keptSha256: store.sha256 },
    };
  });
}

/** What takes certificates out again that install had imported. Nothing is written yet. */
export async function planDistrust(
  home: ConnectorHome,
  recorded: readonly RecordedCertificate[],
): Promise<{ readonly outcomes: readonly CertificateOutcome[]; readonly change: Change | null }> {
  if (recorded.length === 0) return { outcomes: [], change: null };
  const unable = (
    alias: string,
    state: 'by hand' | 'failed',
    reason: string,
    keytool: string | null,
  ): CertificateOutcome => ({
    alias,
    state,
    reason,
    command:
      keytool === null
        ? null
        : `${quoted(keytool)} -delete -alias ${alias} -keystore ${quoted(placeIn(home, KEYSTORE_PATH))}`,
    kept: null,
  });
  const tools = await findTools(home);
  if ('reason' in tools)
    return {
      outcomes: recorded.map(({ alias }) => unable(alias, 'by hand', tools.reason, tools.keytool)),
      change: null,
    };
  const { keytool, store } = tools;
  return withStoreCopy({ keytool, store: store.bytes, owner: home.owner }, async (copy) => {
    const outcomes: CertificateOutcome[] = [];
    for (const { alias } of recorded) {
      const found = await copy.find(alias);
      const removed = 'pem' in found && found.pem !== null ? await copy.remove(alias) : null;
      if ('refused' in found) outcomes.push(unable(alias, 'failed', found.refused, keytool));
      else if (removed?.kind === 'refused') outcomes.push(unable(alias, 'failed', removed.reason, keytool));
      else
        outcomes.push({ alias, state: removed === null ? 'gone' : 'removed', reason: null, command: null, kept: null });
    }
    const isChanged = outcomes.some(({ state }) => state === 'removed');
    return { outcomes, change: isChanged ? storeChange(home, store, { bytes: await copy.bytes(), kept: null }) : null };
  });
}

interface Tools {
  readonly keytool: string;
  readonly store: { readonly bytes: Buffer; readonly sha256: string; readonly mode: number };
}

/** Keytool and store of the connector; or why they are left alone, and what to run in their place. */
async function findTools(
  home: ConnectorHome,
): Promise<Tools | { readonly reason: string; readonly keytool: string | null }> {
  if (await isFips(home))
    return {
      reason:
        'this connector is set to FIPS mode, which keeps certificates in another store, under user/agent/fips; import it there with the options of your ArcSight release',
      keytool: null,
    };
  try {
    const keytool = await findKeytool(home);
    const store = await readPresent(placeIn(home, KEYSTORE_PATH));
    if (keytool === null)
      return {
        reason: 'this connector has no jre/bin/keytool; use that of another Java on this machine',
        keytool: 'keytool',
      };
    if (store === null)
      return { reason: `this connector has no ${KEYSTORE_PATH}; find the store that its Java uses`, keytool };
    return { keytool, store };
  } catch (thrown) {
    if (!(thrown instanceof BridgeError)) throw thrown;
    return { reason: thrown.message, keytool: placeIn(home, 'jre/bin/keytool') };
  }
}

/** How FIPS mode shows itself has no public source: a BCFKS store, or the key that its set-up writes, is taken for it. */
async function isFips(home: ConnectorHome): Promise<boolean> {
  for (const name of ['bcfips_ks', 'bcfips_ts'])
    if ((await statPlain(join(placeIn(home, 'user/agent/fips'), name))) !== null) return true;
  const properties = await readPresent(placeIn(home, 'user/agent/agent.properties'));
  return (
    properties !== null &&
    /^[ \t]*fips\.enabled[ \t]*[=:][ \t]*true[ \t]*\r?$/m.test(properties.bytes.toString('latin1'))
  );
}

function storeChange(
  home: ConnectorHome,
  store: Tools['store'],
  { bytes, kept }: { readonly bytes: Buffer; readonly kept: string | null },
): Change {
  return {
    target: placeIn(home, KEYSTORE_PATH),
    before: store,
    after: { bytes, mode: store.mode },
    keepAs: kept === null ? null : placeIn(home, kept),
  };
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (thrown) {
    throw installError(
      'INSTALL_PACK',
      "the pack's CA certificate cannot be read as a PEM certificate; nothing was done",
      'Make the pack anew with flexbridge generate, and give that folder.',
      thrown,
    );
  }
}

function isSame(pem: string, certificate: X509Certificate): boolean {
  return pem !== '' && new X509Certificate(pem).fingerprint256 === certificate.fingerprint256;
}

function quoted(path: string): string {
  return /^[\w./:\\-]+$/.test(path) ? path : `"${path}"`;
}
