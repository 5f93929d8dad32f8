import { createHash } from 'node:crypto';
import { BridgeError } from '../domain/errors.ts';
import { MAPPING_VERSION } from '../domain/fields.ts';
import type { PackLogin, PackSettings } from './pack-settings.ts';
import { PARSER_VERSION } from './parser-file.ts';
import { eventsUrl } from './public-url.ts';

export const MANIFEST_FILE = 'manifest.json';
const FORMAT_VERSION = 1;

const PURPOSES = ['parser', 'client', 'categorizer', 'certificate', 'guide'] as const;
type PackPurpose = (typeof PURPOSES)[number];

/** A file of a pack, before the manifest says more about it. */
export interface PlannedFile {
  readonly path: string;
  readonly text: string;
  readonly purpose: PackPurpose;
  /** Where it goes, relative to ARCSIGHT_HOME with `/`; null: it is not copied (the certificate is imported). */
  readonly goesTo: string | null;
}

export interface ManifestFile {
  readonly path: string;
  readonly purpose: PackPurpose;
  readonly goesTo: string | null;
  /** SHA-256 of the bytes, lower-case hex. */
  readonly sha256: string;
}

/** What `manifest.json` says that a program reads back. */
export interface Manifest {
  readonly feed: string;
  readonly mappingVersion: number;
  readonly parserVersion: number;
  /** As it is typed into the wizard; a URL key is a placeholder in it. */
  readonly eventsUrl: string;
  readonly login: { readonly kind: PackLogin['kind']; readonly connector: string };
  readonly files: readonly ManifestFile[];
}

/** Text of `manifest.json`: every file of the pack but itself. ASCII; no time stamp, so that equal packs are equal bytes. */
export function renderManifest(settings: PackSettings, files: readonly PlannedFile[]): string {
  const { feed, layout, receiptTime, choices, publicUrl, login } = settings;
  const manifest: Manifest & { readonly formatVersion: number; readonly settings: object } = {
    formatVersion: FORMAT_VERSION,
    feed,
    mappingVersion: MAPPING_VERSION,
    parserVersion: PARSER_VERSION,
    eventsUrl: eventsUrl(publicUrl, feed, login.kind),
    login,
    settings: { layout, receiptTime, arcsight: choices, publicUrl },
    files: files.map(({ path, purpose, goesTo, text }) => ({ path, purpose, goesTo, sha256: sha256(text) })),
  };
  return `${inAscii(JSON.stringify(manifest, null, 2))}\n`;
}

/** @throws BridgeError PACK_MANIFEST for anything that this version does not understand */
export function readManifest(text: string): Manifest {
  const value = parsed(text);
  if (!isObject(value)) throw unreadable('it is no JSON object');
  if (value['formatVersion'] !== FORMAT_VERSION) throw unreadable(`its formatVersion is not ${FORMAT_VERSION}`);
  const { files, login } = value;
  if (!Array.isArray(files) || !isObject(login)) throw unreadable('files or login is missing');
  return {
    feed: textOf(value, 'feed'),
    mappingVersion: numberOf(value, 'mappingVersion'),
    parserVersion: numberOf(value, 'parserVersion'),
    eventsUrl: textOf(value, 'eventsUrl'),
    login: { kind: oneOf(textOf(login, 'kind'), KINDS), connector: textOf(login, 'connector') },
    files: files.map(fileOf),
  };
}

const KINDS = ['oauth2', 'basic', 'urlKey', 'mtls'] as const satisfies readonly PackLogin['kind'][];

function fileOf(value: unknown): ManifestFile {
  if (!isObject(value)) throw unreadable('an entry of files is no object');
  return {
    path: textOf(value, 'path'),
    purpose: oneOf(textOf(value, 'purpose'), PURPOSES),
    goesTo: value['goesTo'] === null ? null : textOf(value, 'goesTo'),
    sha256: textOf(value, 'sha256'),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function textOf(value: Readonly<Record<string, unknown>>, name: string): string {
  const member = value[name];
  if (typeof member !== 'string') throw unreadable(`${name} is no text`);
  return member;
}

function numberOf(value: Readonly<Record<string, unknown>>, name: string): number {
  const member = value[name];
  if (typeof member !== 'number') throw unreadable(`${name} is no number`);
  return member;
}

function oneOf<Word extends string>(word: string, words: readonly Word[]): Word {
  const known = words.find((candidate) => candidate === word);
  if (known === undefined) throw unreadable(`${JSON.stringify(word)} is none of ${words.join(', ')}`);
  return known;
}

/** SHA-256 of a text as UTF-8, lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function inAscii(json: string): string {
  return json.replaceAll(/[^\n\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function unreadable(why: string): BridgeError {
  return new BridgeError({
    code: 'PACK_MANIFEST',
    kind: 'operator',
    message: `the ${MANIFEST_FILE} of the pack cannot be read: ${why}`,
    hint: 'Make the pack anew: flexbridge generate --feed NAME --out DIR.',
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
