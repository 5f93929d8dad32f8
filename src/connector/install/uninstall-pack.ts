import { rmdir } from 'node:fs/promises';
import { applyChanges, type Change } from './apply-changes.ts';
import { type ConnectorHome, placeIn } from './connector-home.ts';
import {
  EMPTY_RECORD,
  type InstallRecord,
  isEmptyRecord,
  RECORD_PATH,
  type RecordedCertificate,
  type RecordedFile,
  readRecord,
  recordText,
} from './install-record.ts';
import { type PresentFile, readPresent } from './present-file.ts';
import { type CertificateOutcome, planDistrust } from './trust-certificate.ts';

export interface RemovedFile {
  /** Relative to `$ARCSIGHT_HOME`, with `/`. */
  readonly path: string;
  /** `changed` and `gone`: somebody did that since; left as it is. */
  readonly state: 'removed' | 'put back' | 'changed' | 'gone';
  /** Copies that stay, as others had written what is in them. */
  readonly left: readonly string[];
}

export interface UninstallOutcome {
  readonly files: readonly RemovedFile[];
  readonly certificates: readonly CertificateOutcome[];
}

export interface UninstallRequest {
  readonly home: ConnectorHome;
  /** False: the certificate stays, and stays recorded. */
  readonly trust: boolean;
  readonly dryRun: boolean;
}

/**
 * Takes out what install has put there, all or nothing, and puts back what was there before it.
 * @throws BridgeError INSTALL_... with the file it is about; nothing is changed then
 */
export async function uninstallPack({ home, trust, dryRun }: UninstallRequest): Promise<UninstallOutcome> {
  const { file: recordFile, record } = await readRecord(home);
  if (recordFile === null) return { files: [], certificates: [] };
  const plans: RemovalPlan[] = [];
  for (const file of record.files) plans.push(await planRemoval(home, file));
  const certificates = trust ? await planDistrust(home, record.certificates) : { outcomes: [], change: null };
  const settled = new Set(
    certificates.outcomes.filter(({ state }) => state === 'removed' || state === 'gone').map(({ alias }) => alias),
  );
  const remaining: InstallRecord = {
    ...EMPTY_RECORD,
    folders: record.folders,
    certificates: record.certificates.filter(({ alias }) => !settled.has(alias)),
  };
  const outcome = { files: plans.map(({ removed }) => removed), certificates: certificates.outcomes };
  if (dryRun) return outcome;
  const over = record.certificates.filter(({ alias }) => settled.has(alias));
  await applyChanges({
    changes: [
      ...plans.flatMap(({ changes }) => changes),
      ...(certificates.change === null ? [] : [certificates.change]),
      ...(await storeCopies(home, over)),
      {
        target: placeIn(home, RECORD_PATH),
        before: recordFile,
        after: isEmptyRecord(remaining) ? null : { bytes: Buffer.from(recordText(remaining)), mode: 0o644 },
        keepAs: null,
      },
    ],
    folders: [],
    owner: home.owner,
  });
  // The deepest first; one that others have put something into stays.
  const deepest = record.folders.toSorted((one, other) => other.length - one.length);
  for (const folder of deepest) await rmdir(placeIn(home, folder)).catch(() => undefined);
  return outcome;
}

interface RemovalPlan {
  readonly removed: RemovedFile;
  readonly changes: readonly Change[];
}

type Copy = RecordedFile['kept'][number];

async function planRemoval(home: ConnectorHome, { path, sha256, kept }: RecordedFile): Promise<RemovalPlan> {
  const current = await readPresent(placeIn(home, path));
  const copies: (Copy & { readonly file: PresentFile })[] = [];
  for (const copy of kept) {
    const file = await readPresent(placeIn(home, copy.path));
    if (file !== null) copies.push({ ...copy, file });
  }
  const isOurs = current?.sha256 === sha256;
  const back = isOurs ? copies.findLast((copy) => !copy.own && copy.file.sha256 === copy.sha256) : undefined;
  const over = copies.filter((copy) => copy === back || (copy.own && copy.file.sha256 === copy.sha256));
  const left = copies.filter((copy) => !over.includes(copy)).map((copy) => copy.path);
  const removals = over.map((copy) => removal(placeIn(home, copy.path), copy.file));
  if (!isOurs) return { removed: { path, state: current === null ? 'gone' : 'changed', left }, changes: removals };
  const after = back === undefined ? null : { bytes: back.file.bytes, mode: back.file.mode };
  const change: Change = { target: placeIn(home, path), before: current, after, keepAs: null };
  return {
    removed: { path, state: back === undefined ? 'removed' : 'put back', left },
    changes: [change, ...removals],
  };
}

/** The copies of the store that install made, once the certificate is out of it. */
async function storeCopies(
  home: ConnectorHome,
  certificates: readonly RecordedCertificate[],
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const { kept, keptSha256 } of certificates) {
    const target = placeIn(home, kept);
    const file = await readPresent(target);
    if (file?.sha256 === keptSha256) changes.push(removal(target, file));
  }
  return changes;
}

function removal(target: string, before: PresentFile): Change {
  return { target, before, after: null, keepAs: null };
}
