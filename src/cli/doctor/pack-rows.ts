import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { knownConnectors, packSettings } from '../../bridge-pack.ts';
import type { Config } from '../../config/config.ts';
import { readDeployed } from '../../connector/bundle.ts';
import type { PackState } from '../../connector/compare-pack.ts';
import { MANIFEST_FILE, type Manifest, readManifest } from '../../connector/manifest.ts';
import { PARSER_VERSION } from '../../connector/parser-file.ts';
import { BridgeError, toBridgeError } from '../../domain/errors.ts';
import { MAPPING_VERSION } from '../../domain/fields.ts';
import { type Finding, ok } from '../../domain/finding.ts';
import { comparePlace, isConnectorHome } from '../compare-place.ts';
import { type PackNote, readPackNotes } from '../pack-notes.ts';

const ID = 'pack';

/** A pack that is compared; the configuration file that was named belongs into the remedy. */
interface Place extends Pick<PackNote, 'feed' | 'folder'> {
  /** Null: the first connector of the feed. */
  readonly connector: string | null;
}

export interface PackLook {
  /** `--pack`: in place of those that were written on this machine. */
  readonly pack: string | undefined;
  readonly cwd: string;
  /** As it was named with `--config`. */
  readonly configPath: string | undefined;
}

/** The packs that are in use against those that would be made now: a row each. */
export async function packRows(config: Config, look: PackLook): Promise<readonly Finding[]> {
  const places =
    look.pack === undefined ? await notedPlaces(config) : [await givenPlace(resolve(look.cwd, look.pack), config)];
  if (places.length > 0) return Promise.all(places.map((place) => compare(config, place, look.configPath)));
  const meaning =
    'No pack that was written on this machine is known or still there; --pack DIR compares one, or a copy of it.';
  return [ok(ID, 'packs', meaning)];
}

/** What is gone, or is of a feed that is no longer configured, is no longer in use as far as anybody here can tell. */
async function notedPlaces(config: Config): Promise<readonly Place[]> {
  const notes = await readPackNotes(config.dataDir);
  return notes.filter(
    ({ folder, feed }) =>
      config.feeds.some(({ name }) => name === feed) &&
      (isConnectorHome(folder) || existsSync(join(folder, MANIFEST_FILE))),
  );
}

/** @throws BridgeError where there is no such folder, or none that says which feed it is for */
async function givenPlace(folder: string, config: Config): Promise<Place> {
  if (!existsSync(folder)) throw noFolder(folder);
  const known = (await readPackNotes(config.dataDir)).find((note) => note.folder === folder);
  if (known !== undefined) return known;
  const manifest = await manifestOf(folder);
  if (manifest !== null) return { folder, feed: manifest.feed, connector: manifest.login.connector };
  const [first] = config.feeds;
  return { folder, feed: first?.name ?? 'default', connector: null };
}

async function compare(config: Config, place: Place, configPath: string | undefined): Promise<Finding> {
  const { folder, feed: name, connector } = place;
  const remedy = remedyFor(place, configPath);
  const stale = (meaning: string): Finding => ({
    id: ID,
    state: 'warning',
    subject: folder,
    sinceMs: null,
    meaning,
    remedy,
  });
  try {
    const feed = config.feeds.find((candidate) => candidate.name === name);
    if (feed === undefined) return stale(`The pack is for the feed ${name}, which the configuration does not have.`);
    const settings = await packSettings(config, feed, knownConnectors(config), connector ?? undefined);
    const states = (await comparePlace(folder, settings)).filter(
      ({ state }) => state === 'different' || state === 'missing',
    );
    const versions = versionWords(isConnectorHome(folder) ? null : await manifestOf(folder));
    if (states.length === 0 && versions === '')
      return ok(
        ID,
        folder,
        `The files of the feed ${name} are as generate would write them now (mapping version ${MAPPING_VERSION}, parser version ${PARSER_VERSION}).`,
      );
    return stale(
      `The files of the feed ${name} are not those that generate would write now: ${fileWords(states)}.${versions} Events are parsed by what the connector has, not by what the feed sends.`,
    );
  } catch (thrown) {
    const { message, hint } = toBridgeError(thrown);
    return { ...stale(`The pack of the feed ${name} cannot be compared: ${message}.`), remedy: hint };
  }
}

function fileWords(states: readonly PackState[]): string {
  const words = states.map(({ path, state }) => (state === 'missing' ? `${path} is missing` : `${path} differs`));
  return words.join(', ');
}

function versionWords(manifest: Manifest | null): string {
  if (manifest === null) return '';
  const { mappingVersion, parserVersion } = manifest;
  const parts = [
    ...(mappingVersion === MAPPING_VERSION ? [] : [`mapping version ${mappingVersion}, now ${MAPPING_VERSION}`]),
    ...(parserVersion === PARSER_VERSION ? [] : [`parser version ${parserVersion}, now ${PARSER_VERSION}`]),
  ];
  return parts.length === 0 ? '' : ` It was made with ${parts.join(' and ')}.`;
}

function remedyFor({ feed, folder, connector }: Place, configPath: string | undefined): string {
  const options = [
    `--feed ${feed}`,
    ...(connector === null ? [] : [`--connector ${connector}`]),
    ...(configPath === undefined ? [] : [`--config ${quoted(configPath)}`]),
  ].join(' ');
  if (isConnectorHome(folder))
    return `See the difference with: flexbridge generate ${options} --check ${quoted(folder)}. Put the new files there with: flexbridge install --arcsight-home ${quoted(folder)} ${options}, then restart the connector.`;
  return `Write it anew with: flexbridge generate ${options} --out ${quoted(folder)} (a filled-in secret is kept; with --check in place of --out it shows the difference). Then copy the files to the connector as INSTALL.md says, and restart the connector.`;
}

function quoted(path: string): string {
  return /^[\w./:\\-]+$/.test(path) ? path : `"${path}"`;
}

async function manifestOf(folder: string): Promise<Manifest | null> {
  try {
    const text = await readDeployed(folder, MANIFEST_FILE);
    return text === null ? null : readManifest(text);
  } catch {
    return null;
  }
}

function noFolder(folder: string): BridgeError {
  return new BridgeError({
    code: 'PACK_FOLDER',
    kind: 'operator',
    message: `there is no folder ${folder}`,
    hint: "Give a folder that generate has written, or a connector's ARCSIGHT_HOME, with --pack.",
  });
}
