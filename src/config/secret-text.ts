import { resolve } from 'node:path';
import type { SecretText } from './config.ts';
import type { ConfigPath } from './config-path.ts';
import { credentialFile, readCredentialFile, readNamed, warnIfOpen } from './named-file.ts';
import type { Place, Report } from './report.ts';
import type { ResolveContext } from './resolve-server.ts';
import type { SchemaNode } from './schema-node.ts';
import { Secret } from './secret.ts';

/** A secret of the configuration, with its text as it is now. */
export interface FoundSecret {
  readonly text: SecretText;
  readonly now: Secret;
}

const ALONE = 'The file must hold the secret alone: one line of UTF-8 text.';

/** The text of a secret as it is now, the file read anew. Throws CREDENTIAL_FILE. */
export async function readSecretText(text: SecretText): Promise<string> {
  if (text.kind === 'given') return text.secret.reveal();
  const line = oneLine(await readCredentialFile(text.path));
  if ('fault' in line) throw credentialFile(`the file ${text.path} ${line.fault}`, ALONE);
  return line.text;
}

/** Whether the block has the secret in one of its two forms, `key` and `keyFile`. */
export function hasSecret(block: SchemaNode, key: string): boolean {
  return block[key] !== undefined || block[`${key}File`] !== undefined;
}

/**
 * The secret that a block holds under `key`, or in the file that it names under `keyFile`. Judged whatever else is wrong
 * with the block. Null when there is none to be had; the report then says why.
 */
export async function resolveSecret(
  context: ResolveContext,
  at: ConfigPath,
  block: SchemaNode,
  key: string,
): Promise<FoundSecret | null> {
  const { report, files, base } = context;
  const inlineAt = [...at, key];
  const fileKey = `${key}File`;
  const fileAt = [...at, fileKey];
  const { inline, path } = winner(report, inlineAt, fileAt, { inline: block[key], path: block[fileKey] });
  if (inline !== undefined && path !== undefined) {
    report.problem(inlineAt, `${key} and ${fileKey} are both given`, `Keep one of them, ${fileKey} for choice.`);
    return null;
  }
  if (inline === undefined && path === undefined) {
    const { variable } = report.placeOf(inlineAt);
    const remedy = variable === null ? `Add ${fileKey} (or ${key}).` : `Set ${variable} or ${variable}_FILE.`;
    report.problem(inlineAt, `is missing, and so is ${fileKey}`, remedy);
    return null;
  }
  if (isText(inline)) {
    const { file } = report.placeOf(inlineAt);
    if (file !== null) await warnIfOpen({ files, report }, inlineAt, file);
    const secret = new Secret(inline);
    return { text: { kind: 'given', secret }, now: secret };
  }
  if (!isText(path)) return null;
  if (!looksLikeSecret(path)) return readSecretFile(context, fileAt, resolve(base, path));
  report.problem(fileAt, 'is not a path; it looks like the secret itself', 'Name a file that holds the secret.');
  return null;
}

/** The secret that a file holds: one line of UTF-8. */
async function readSecretFile(context: ResolveContext, at: ConfigPath, path: string): Promise<FoundSecret | null> {
  const now = await readLine(context, at, path);
  if (now === null) return null;
  await warnIfOpen(context, at, path);
  return { text: { kind: 'file', path }, now };
}

/** The one line that a file holds; anything else in it is a problem. */
export async function readLine(
  context: ResolveContext,
  at: ConfigPath,
  path: string,
  place: Place = context.report.placeOf(at),
): Promise<Secret | null> {
  const bytes = await readNamed(context, at, path, place);
  if (bytes === null) return null;
  const line = oneLine(bytes);
  if ('text' in line) return new Secret(line.text);
  context.report.problem(at, `the file ${path} ${line.fault}`, ALONE, place);
  return null;
}

/** One line of UTF-8, the line ends after it dropped, or why it is none. */
function oneLine(bytes: Buffer): { readonly text: string } | { readonly fault: string } {
  const text = new TextDecoder().decode(bytes).replace(/[\r\n]+$/, '');
  if (text === '') return { fault: 'is empty' };
  if (/[\r\n]/.test(text)) return { fault: 'holds more than one line' };
  if (/[\0\ufffd]/.test(text)) return { fault: 'is not UTF-8 text' };
  return { text };
}

interface Forms {
  readonly inline?: unknown;
  readonly path?: unknown;
}

/** Of the two forms, the one from the environment overrides the other from the file. */
function winner(report: Report, inlineAt: ConfigPath, fileAt: ConfigPath, { inline, path }: Forms): Forms {
  if (inline === undefined || path === undefined) return { inline, path };
  const isInlineSet = report.placeOf(inlineAt).variable !== null;
  const isFileSet = report.placeOf(fileAt).variable !== null;
  if (isInlineSet === isFileSet) return { inline, path };
  return isInlineSet ? { inline } : { path };
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Entra's secrets: 40 characters or so, one of them a tilde, no folder. Keeps a misplaced one out of the message. */
function looksLikeSecret(path: string): boolean {
  return /^[\w.~-]{30,}$/.test(path) && path.includes('~');
}
