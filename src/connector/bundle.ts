import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BridgeError, messageOf } from '../domain/errors.ts';
import { categorizerName, renderCategorizer } from './categorizer.ts';
import { renderClientFile } from './client-file.ts';
import { CA_FILE } from './guide/files-part.ts';
import { renderInstallGuide } from './install-guide.ts';
import { makeFolder } from './make-folder.ts';
import { MANIFEST_FILE, type PlannedFile, renderManifest } from './manifest.ts';
import type { PackSettings } from './pack-settings.ts';
import { renderParserFile } from './parser-file.ts';

export interface PackFile {
  /** Relative to the pack's folder, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Of the file that is written; 0644 when left out. */
  readonly mode?: number;
}

/** Everything the administrator of one connector needs for one feed. The same settings give the same bytes. */
export function renderPack(settings: PackSettings): readonly PackFile[] {
  const files = plannedFiles(settings);
  return [
    ...files.map(({ path, text }) => ({ path, text })),
    { path: MANIFEST_FILE, text: renderManifest(settings, files) },
  ];
}

/** The files that are copied into a connector, by their places below ARCSIGHT_HOME. */
export function placedFiles(settings: PackSettings): readonly PackFile[] {
  return plannedFiles(settings).flatMap(({ goesTo, text }) => (goesTo === null ? [] : [{ path: goesTo, text }]));
}

/** Under ARCSIGHT_HOME (flexconnector.md 1.4). */
const FLEXAGENT = 'user/agent/flexagent';
const CATEGORIZERS = 'user/agent/acp/categorizer/current';

function plannedFiles(settings: PackSettings): readonly PlannedFile[] {
  const { feed, login, choices, caPem } = settings;
  const parser = `${feed}.jsonparser.properties`;
  const client = `${feed}.properties`;
  const categorizer = categorizerName(choices);
  const isOAuth2 = login.kind === 'oauth2';
  return [
    { path: parser, purpose: 'parser', goesTo: `${FLEXAGENT}/${parser}`, text: renderParserFile(settings) },
    {
      path: client,
      purpose: 'client',
      goesTo: isOAuth2 ? `${FLEXAGENT}/${client}` : null,
      text: renderClientFile(settings),
    },
    {
      path: `categorizer/${categorizer}`,
      purpose: 'categorizer',
      goesTo: `${CATEGORIZERS}/${categorizer}`,
      text: renderCategorizer(),
    },
    ...(caPem === null
      ? []
      : [{ path: CA_FILE, purpose: 'certificate', goesTo: null, text: caPem.replaceAll('\r\n', '\n') } as const]),
    { path: 'INSTALL.md', purpose: 'guide', goesTo: null, text: renderInstallGuide(settings) },
  ];
}

/**
 * Writes the pack into `dir`, which is made if missing. A reader finds each file old or new, never half; when one cannot
 * be written, none is replaced. Throws `PACK_PATH` for a path that leaves `dir` (before anything is written) and
 * `PACK_UNWRITABLE`.
 */
export async function writePack(dir: string, files: readonly PackFile[]): Promise<void> {
  const targets = files.map((file) => ({ ...file, target: join(dir, ...packSegments(file.path)) }));
  const written: { readonly temporary: string; readonly target: string }[] = [];
  try {
    await makeFolder(dir);
    for (const { path, text, mode, target } of targets) {
      await makeFolders(dir, path);
      const temporary = join(dirname(target), `.${randomBytes(8).toString('hex')}.tmp`);
      written.push({ temporary, target });
      await writeThrough(temporary, Buffer.from(text, 'utf8'), mode);
    }
    for (const { temporary, target } of written) await rename(temporary, target);
  } catch (thrown) {
    await Promise.all(written.map(({ temporary }) => rm(temporary, { force: true })));
    throw thrown instanceof BridgeError ? thrown : unwritable(dir, thrown);
  }
}

/** The path in its parts; throws when it could lead out of the folder it is relative to, on any platform. */
export function packSegments(path: string): readonly string[] {
  const segments = path.split('/');
  const unsafe = segments.some((part) => part === '' || part === '.' || part === '..' || /[\\:\0]/.test(part));
  if (unsafe) throw outside(path, 'it is not a plain relative path');
  return segments;
}

/** Makes the folders of a path one by one, so that a link among them cannot lead the file elsewhere. */
async function makeFolders(dir: string, path: string): Promise<void> {
  let folder = dir;
  for (const segment of packSegments(path).slice(0, -1)) {
    folder = join(folder, segment);
    await mkdir(folder, { recursive: true });
    if ((await lstat(folder)).isSymbolicLink()) throw outside(path, `${folder} is a link`);
  }
}

/** Writes one file beside its place first: a reader finds it old or new. @throws BridgeError PACK_UNWRITABLE */
export async function replaceFile(file: string, bytes: Buffer): Promise<void> {
  const temporary = join(dirname(file), `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    await makeFolder(dirname(file));
    await writeThrough(temporary, bytes);
    await rename(temporary, file);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw unwritable(file, thrown);
  }
}

async function writeThrough(file: string, bytes: Buffer, mode = 0o644): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The text of a deployed file; null when there is none. Throws `PACK_UNREADABLE`. */
export async function readDeployed(dir: string, path: string): Promise<string | null> {
  const file = join(dir, ...packSegments(path));
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR'))
      return null;
    throw new BridgeError({
      code: 'PACK_UNREADABLE',
      kind: 'operator',
      message: `reading the deployed file ${file} failed: ${messageOf(thrown)}`,
      hint: 'Give the user that runs this command the right to read the file.',
      cause: thrown,
    });
  }
}

function outside(path: string, why: string): BridgeError {
  return new BridgeError({
    code: 'PACK_PATH',
    kind: 'bug',
    message: `the pack file ${JSON.stringify(path)} could be written outside the chosen folder: ${why}`,
    hint: 'Choose a folder without links in it. If it has none, this is a defect of FlexBridge; please report it.',
  });
}

function unwritable(place: string, thrown: unknown): BridgeError {
  return new BridgeError({
    code: 'PACK_UNWRITABLE',
    kind: 'operator',
    message: `writing the pack into ${place} failed: ${messageOf(thrown)}`,
    hint: 'Choose a folder that the user of this command may write to, on a disk with free space.',
    cause: thrown,
  });
}
