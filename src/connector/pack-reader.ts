import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BridgeError, toBridgeError } from '../domain/errors.ts';
import { packSegments } from './bundle.ts';
import { type ClientFile, judgeClientFile } from './client-file-check.ts';
import { isProtectedUrl } from './feed-request.ts';
import { loadParser } from './interpreter/load-parser.ts';
import type { ParserDefinition } from './interpreter/parser-definition.ts';
import { MANIFEST_FILE, type Manifest, type ManifestFile, readManifest } from './manifest.ts';
import { type FoundFile, formProblems, hashProblems } from './pack-file-check.ts';
import { MAKE_ANEW, type PackProblem } from './pack-problem.ts';

/** What a connector gets from a pack: null where it is missing or cannot be read, and then `problems` says why. */
export interface Pack {
  readonly manifest: Manifest;
  readonly parser: ParserDefinition | null;
  /** Only of a pack whose login is OAuth2. */
  readonly client: ClientFile | null;
  /** PEM; null: the pack has none, and the authorities that every system knows have to do. */
  readonly caPem: string | null;
  /** The worst first. */
  readonly problems: readonly PackProblem[];
}

/**
 * Reads a pack with nothing but its folder, as a connector and its administrator would. Throws BridgeError `PACK_READ`
 * without a manifest, and `PACK_MANIFEST`; everything else that is wrong is a problem.
 */
export async function readPack(dir: string): Promise<Pack> {
  const manifest = readManifest((await readManifestFile(dir)).toString('utf8'));
  const problems: PackProblem[] = [];
  const found: FoundFile[] = [];
  for (const entry of manifest.files) {
    const bytes = await readEntry(dir, entry, manifest);
    if (Buffer.isBuffer(bytes)) found.push({ entry, bytes });
    else problems.push(bytes);
  }
  for (const file of found) problems.push(...formProblems(file), ...hashProblems(file, manifest));
  problems.push(...missingPurposes(manifest), ...urlProblems(manifest.eventsUrl), ...nameProblems(manifest));
  const read = { found, problems, manifest };
  const parser = readParser(read);
  const client = readClient(read);
  const caPem = readCa(read);
  const order = [...problems].sort((a, b) => Number(b.level === 'error') - Number(a.level === 'error'));
  return { manifest, parser, client, caPem, problems: order };
}

interface Reading {
  readonly found: readonly FoundFile[];
  readonly manifest: Manifest;
  readonly problems: PackProblem[];
}

async function readManifestFile(dir: string): Promise<Buffer> {
  try {
    return await readFile(join(dir, MANIFEST_FILE));
  } catch (cause) {
    throw new BridgeError({
      code: 'PACK_READ',
      kind: 'operator',
      message: `${dir} cannot be read as a pack: its ${MANIFEST_FILE} ${reasonOf(cause)}`,
      hint: 'Name the folder that flexbridge generate has written, with all its files.',
      cause,
    });
  }
}

async function readEntry(dir: string, entry: ManifestFile, { login }: Manifest): Promise<Buffer | PackProblem> {
  const { path, purpose } = entry;
  const isNeeded =
    purpose === 'parser' || purpose === 'certificate' || (purpose === 'client' && login.kind === 'oauth2');
  try {
    return await readFile(join(dir, ...packSegments(path)));
  } catch (thrown) {
    const why = thrown instanceof BridgeError ? 'has a path that leads out of the pack' : reasonOf(thrown);
    const message = `${JSON.stringify(path)} of the manifest ${why}`;
    return { level: isNeeded ? 'error' : 'warning', code: 'FILE_MISSING', file: path, message, remedy: MAKE_ANEW };
  }
}

function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null;
  return code === 'ENOENT' || code === 'ENOTDIR' ? 'is missing' : `cannot be read (${String(code)})`;
}

function missingPurposes({ files, login }: Manifest): readonly PackProblem[] {
  const needed = login.kind === 'oauth2' ? (['parser', 'client'] as const) : (['parser'] as const);
  return needed
    .filter((purpose) => !files.some((file) => file.purpose === purpose))
    .map((purpose) => {
      const message = `the manifest names no ${purpose} file`;
      return { level: 'error', code: 'FILE_MISSING', file: MANIFEST_FILE, message, remedy: MAKE_ANEW };
    });
}

function urlProblems(url: string): readonly PackProblem[] {
  const problem = (code: string, message: string): PackProblem => ({
    level: 'error',
    code,
    file: MANIFEST_FILE,
    message,
    remedy: 'Set server.publicUrl of the bridge to the https address that the connector uses, and make the pack anew.',
  });
  const noTime = url.includes('$START_AT_TIME')
    ? []
    : [
        problem(
          'URL_WITHOUT_TIME',
          'the Events URL has no $START_AT_TIME, so the connector cannot say how far it has got',
        ),
      ];
  if (!URL.canParse(url)) return [problem('URL_INVALID', 'the Events URL is no URL'), ...noTime];
  if (isProtectedUrl(url)) return noTime;
  return [
    problem('URL_PLAIN', 'the Events URL is not https: logins and events would be readable on their way'),
    ...noTime,
  ];
}

/** The wizard's Configuration File is the feed's name; the connector puts the suffix behind it (flexconnector 1.2). */
function nameProblems({ files, feed }: Manifest): readonly PackProblem[] {
  const expected = `${feed}.jsonparser.properties`;
  return files
    .filter(({ purpose, path }) => purpose === 'parser' && path !== expected)
    .map(({ path }) => ({
      level: 'error',
      code: 'PARSER_NAME',
      file: path,
      message: `the Configuration File of the wizard is ${JSON.stringify(feed)}, so the connector looks for ${expected}`,
      remedy: `Name the file ${expected}, or make the pack anew.`,
    }));
}

function readParser({ found, problems }: Reading): ParserDefinition | null {
  const file = found.find(({ entry }) => entry.purpose === 'parser');
  if (file === undefined) return null;
  const { path } = file.entry;
  try {
    const { definition, lint } = loadParser(file.bytes);
    // What formProblems says better.
    const notes = lint.filter(({ code }) => code !== 'BYTE_ORDER_MARK' && code !== 'NOT_ASCII');
    for (const { level, code, key, line, message } of notes) {
      const place = [line === null ? '' : `line ${line}`, key ?? ''].filter((part) => part !== '').join(', ');
      const remedy = 'Put the file of the pack back, or correct the line; flexbridge lint shows all of them.';
      problems.push({ level, code, file: path, message: place === '' ? message : `${place}: ${message}`, remedy });
    }
    return definition;
  } catch (thrown) {
    const { code, message, hint } = toBridgeError(thrown);
    problems.push({ level: 'error', code, file: path, message, remedy: hint });
    return null;
  }
}

function readClient({ found, problems, manifest }: Reading): ClientFile | null {
  const file = found.find(({ entry }) => entry.purpose === 'client');
  if (file === undefined || manifest.login.kind !== 'oauth2') return null;
  const judged = judgeClientFile(file.bytes, file.entry.path, manifest.eventsUrl);
  problems.push(...judged.problems);
  return judged.client;
}

function readCa({ found, problems }: Reading): string | null {
  const file = found.find(({ entry }) => entry.purpose === 'certificate');
  if (file === undefined) return null;
  const pem = file.bytes.toString('latin1');
  try {
    const { ca } = new X509Certificate(pem);
    if (ca) return pem;
    const message =
      'is a certificate, but not that of a CA: keytool takes it, and no server certificate is verified by it';
    problems.push({ level: 'warning', code: 'CA_INVALID', file: file.entry.path, message, remedy: MAKE_ANEW });
    return pem;
  } catch {
    const message = 'is no certificate in PEM form';
    problems.push({ level: 'error', code: 'CA_INVALID', file: file.entry.path, message, remedy: MAKE_ANEW });
    return null;
  }
}
