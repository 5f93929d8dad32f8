import { resolve } from 'node:path';
import { knownConnectors, packSettings } from '../bridge-pack.ts';
import { loadConfig } from '../config/load.ts';
import { type PackFile, renderPack, replaceFile, writePack } from '../connector/bundle.ts';
import type { PackState } from '../connector/compare-pack.ts';
import { keepSecret } from '../connector/keep-secret.ts';
import type { PackSettings } from '../connector/pack-settings.ts';
import { zipPack } from '../connector/pack-zip.ts';
import { systemClock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import { printable } from '../domain/printable.ts';
import { comparePlace } from './compare-place.ts';
import type { Console } from './console.ts';
import { chooseFeed } from './feed-choice.ts';
import { notePack } from './pack-notes.ts';

export interface GenerateOptions {
  readonly config?: string;
  readonly feed: string;
  readonly out?: string;
  readonly zip?: string;
  readonly connector?: string;
  /** True where the folder is in `out`. */
  readonly check?: true | string;
  readonly json?: boolean;
}

/** Writes a feed's pack as a folder or a zip file, or compares a deployed folder with it (exit code 1 when it differs). */
export async function generate(options: GenerateOptions, console: Console): Promise<number> {
  const task = taskOf(options);
  const config = await loadConfig({ argvPath: options.config });
  const feed = chooseFeed(options.feed, config);
  const settings = await packSettings(config, feed, knownConnectors(config), options.connector);
  const place = resolve(console.cwd, task.place ?? feed.name);
  if (task.kind === 'check') return check(place, settings, options, console);
  const files = renderPack(settings);
  const kept = task.kind === 'zip' ? null : await keepSecret(place, files, `${feed.name}.properties`);
  if (task.kind === 'zip') await replaceFile(place, zipPack(files));
  else await writePack(place, kept?.files ?? files);
  if (task.kind === 'folder') await note(config.dataDir, place, settings);
  console.out(
    options.json
      ? asJson({ feed: feed.name, [task.kind]: place, files: pathsOf(files), keptSecretIn: kept?.path ?? null })
      : wrote(task, place, files) + (kept === null ? '' : keptText(kept.path)) + NEXT,
  );
  return 0;
}

function note(dataDir: string, folder: string, { feed, login: { connector } }: PackSettings): Promise<void> {
  return notePack(dataDir, { feed, folder, connector, writtenMs: systemClock.now() });
}

const NEXT = 'Next: open INSTALL.md; it says where each file goes and what to type in the wizard.\n';

function keptText(path: string): string {
  return `${path} was filled in already: its client id and secret were kept.\n`;
}

interface Task {
  readonly kind: 'folder' | 'zip' | 'check';
  /** Undefined: a folder with the feed's name. */
  readonly place: string | undefined;
}

function taskOf({ out, zip, check }: GenerateOptions): Task {
  if ([out, zip, check === true ? undefined : check].filter((place) => place !== undefined).length > 1) throw oneOnly();
  if (check !== undefined && zip !== undefined) throw oneOnly();
  if (check !== undefined) return { kind: 'check', place: check === true ? out : check };
  return zip === undefined ? { kind: 'folder', place: out } : { kind: 'zip', place: zip };
}

function wrote({ kind }: Task, place: string, files: readonly PackFile[]): string {
  const lines = kind === 'zip' ? [place] : pathsOf(files).map((path) => `${place}/${path}`);
  return lines.map((line) => `wrote ${line}\n`).join('');
}

/** The folder is a pack, or the ARCSIGHT_HOME of a connector, where its files have places of their own. */
async function check(
  folder: string,
  settings: PackSettings,
  { json }: GenerateOptions,
  { out }: Console,
): Promise<number> {
  const states = await comparePlace(folder, settings);
  const same = states.every(({ state }) => state === 'same');
  out(json ? asJson({ feed: settings.feed, folder, same, files: states }) : states.map(stateText(folder)).join(''));
  return same ? 0 : 1;
}

function stateText(folder: string): (state: PackState) => string {
  return (state) => {
    const diff = state.state === 'different' ? state.diff.map((line) => `    ${printable(line, 500)}\n`).join('') : '';
    return `${state.state.padEnd(9)} ${folder}/${printable(state.path)}\n${diff}`;
  };
}

function pathsOf(files: readonly PackFile[]): readonly string[] {
  return files.map(({ path }) => path);
}

function asJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function oneOnly(): BridgeError {
  return new BridgeError({
    code: 'GENERATE_PLACE',
    kind: 'operator',
    message: 'more than one place was given: --out, --zip and --check DIR exclude each other',
    hint: 'Give --out DIR or --zip FILE to write, or --check DIR to compare.',
  });
}
