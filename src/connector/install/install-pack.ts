import { applyChanges, type Change } from './apply-changes.ts';
import { type ConnectorHome, missingFolders, placeIn, requireWritable } from './connector-home.ts';
import { installError } from './install-error.ts';
import {
  EMPTY_RECORD,
  type InstallRecord,
  isPlace,
  KEYSTORE_PATH,
  keptPath,
  RECORD_PATH,
  type RecordedFile,
  readRecord,
  recordText,
} from './install-record.ts';
import { mergeClientFile } from './merge-client-file.ts';
import { type PresentFile, readPresent, sha256Of } from './present-file.ts';
import { type CertificateOutcome, type CertificatePlan, planTrust } from './trust-certificate.ts';

/** One file of a pack with its place under the connector's folder. */
export interface InstallFile {
  /** Relative to `$ARCSIGHT_HOME`, with `/`. */
  readonly place: string;
  readonly text: string;
  /** `client` holds a secret once it is filled in. */
  readonly kind: 'parser' | 'client' | 'categorizer' | 'certificate';
}

export interface FileOutcome {
  /** Relative to `$ARCSIGHT_HOME`, with `/`. */
  readonly path: string;
  readonly state: 'new' | 'replaced' | 'same';
  /** Name of the copy of what was there. */
  readonly kept: string | null;
  /** What else is to be known of it. */
  readonly note: string | null;
}

export interface InstallOutcome {
  readonly files: readonly FileOutcome[];
  /** Null: not asked for, or the pack has none. */
  readonly certificate: CertificateOutcome | null;
}

export interface InstallRequest {
  readonly home: ConnectorHome;
  readonly files: readonly InstallFile[];
  /** False: the store of certificates is left alone. */
  readonly trust: boolean;
  readonly dryRun: boolean;
  readonly nowMs: number;
}

/**
 * Puts the files of a pack into a connector's folder, all or none; what is the same already is left as it is.
 * @throws BridgeError INSTALL_... with the file it is about; nothing is changed then
 */
export async function installPack({ home, files, trust, dryRun, nowMs }: InstallRequest): Promise<InstallOutcome> {
  requirePlaces(files);
  const { file: recordFile, record } = await readRecord(home);
  const plans: FilePlan[] = [];
  for (const file of files) plans.push(await planFile(home, file, { record, nowMs }));
  const certificate = trust ? await planCertificate(home, files, nowMs) : null;
  const changes = [...plans.map(({ change }) => change), certificate?.change ?? null].filter(
    (change) => change !== null,
  );
  const outcome = { files: plans.map((plan) => plan.outcome), certificate: certificate?.outcome ?? null };
  if (changes.length === 0) return outcome;

  const touched = [...plans.filter(({ change }) => change !== null).map(({ outcome: { path } }) => path), RECORD_PATH];
  const stores = certificate?.change == null ? [] : [KEYSTORE_PATH];
  await requireWritable(home, [...touched, ...stores]);
  if (dryRun) return outcome;
  const folders = await missingFolders(home, touched);
  const next = recordText(nextRecord(record, { plans, folders, certificate }));
  const recordChange: Change = {
    target: placeIn(home, RECORD_PATH),
    before: recordFile,
    after: { bytes: Buffer.from(next), mode: 0o644 },
    keepAs: null,
  };
  await applyChanges({
    // First: after a crash in between, the next install and uninstall know of every file that may have been written.
    changes: [recordChange, ...changes],
    folders: folders.map((folder) => placeIn(home, folder)),
    owner: home.owner,
  });
  return outcome;
}

interface FilePlan {
  readonly outcome: FileOutcome;
  readonly change: Change | null;
  /** As it shall stand in the record; null: what is recorded stays. */
  readonly recorded: RecordedFile | null;
}

async function planFile(
  home: ConnectorHome,
  { place, text, kind }: InstallFile,
  { record, nowMs }: { readonly record: InstallRecord; readonly nowMs: number },
): Promise<FilePlan> {
  const target = placeIn(home, place);
  const before = await readPresent(target);
  const merged =
    kind === 'client' ? mergeClientFile(before?.bytes ?? null, text) : { kind: 'generated' as const, text };
  const secretNote = merged.kind === 'merged' ? 'its client id and secret were kept' : null;
  const bytes = merged.kind === 'same' ? before?.bytes : Buffer.from(merged.text, 'utf8');
  if (bytes === undefined || before?.bytes.equals(bytes) === true)
    return {
      outcome: { path: place, state: 'same', kept: null, note: kind === 'client' ? openNote(before) : null },
      change: null,
      recorded: null,
    };
  const known = record.files.find(({ path }) => path === place);
  const kept = before === null ? null : keptPath(place, nowMs);
  const copies =
    before === null || kept === null
      ? []
      : [{ path: kept, sha256: before.sha256, own: before.sha256 === known?.sha256 }];
  const mode = kind === 'client' ? 0o600 : (before?.mode ?? 0o644);
  return {
    outcome: { path: place, state: before === null ? 'new' : 'replaced', kept, note: secretNote },
    change: { target, before, after: { bytes, mode }, keepAs: kept === null ? null : placeIn(home, kept) },
    recorded: { path: place, sha256: sha256Of(bytes), kept: [...(known?.kept ?? []), ...copies] },
  };
}

function openNote(before: PresentFile | null): string | null {
  const isOpen = before !== null && process.platform !== 'win32' && (before.mode & 0o077) !== 0;
  return isOpen ? 'others may read it, and it holds a secret: chmod 600' : null;
}

async function planCertificate(
  home: ConnectorHome,
  files: readonly InstallFile[],
  nowMs: number,
): Promise<CertificatePlan | null> {
  const file = files.find(({ kind }) => kind === 'certificate');
  if (file === undefined) return null;
  return planTrust({ home, pem: file.text, pemPath: placeIn(home, file.place), nowMs });
}

function nextRecord(
  record: InstallRecord,
  {
    plans,
    folders,
    certificate,
  }: {
    readonly plans: readonly FilePlan[];
    readonly folders: readonly string[];
    readonly certificate: CertificatePlan | null;
  },
): InstallRecord {
  const files = plans.flatMap(({ recorded }) => recorded ?? []);
  const others = record.files.filter(({ path }) => !files.some((file) => file.path === path));
  const imported = certificate?.recorded ?? null;
  const certificates = record.certificates.filter(({ alias }) => alias !== imported?.alias);
  return {
    ...EMPTY_RECORD,
    files: [...others, ...files],
    folders: [...new Set([...record.folders, ...folders])],
    certificates: imported === null ? certificates : [...certificates, imported],
  };
}

/** A pack comes from outside: it may not choose where it is written to. */
function requirePlaces(files: readonly InstallFile[]): void {
  const wrong = files.find(({ place }) => !isPlace(place));
  if (wrong === undefined) return;
  throw installError(
    'INSTALL_PACK',
    `the pack wants a file at ${JSON.stringify(wrong.place)}, which is no place of a pack; nothing was done`,
    'Make the pack anew with flexbridge generate, and give that folder.',
  );
}
