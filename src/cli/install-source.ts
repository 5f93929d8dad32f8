import { resolve } from 'node:path';
import { knownConnectors, packSettings } from '../bridge-pack.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { renderPack } from '../connector/bundle.ts';
import type { WizardSettings } from '../connector/guide/wizard-answers.ts';
import { installError } from '../connector/install/install-error.ts';
import type { InstallFile } from '../connector/install/install-pack.ts';
import { placePack, readPackFolder } from '../connector/install/place-pack.ts';
import type { Manifest } from '../connector/manifest.ts';
import { BridgeError } from '../domain/errors.ts';
import { chooseFeed } from './feed-choice.ts';

/** Which pack; as in the options of the command. */
export interface PackChoice {
  readonly config?: string;
  readonly feed?: string;
  readonly pack?: string;
  readonly connector?: string;
}

export interface PackToInstall {
  readonly files: readonly InstallFile[];
  readonly wizard: WizardSettings;
  /** Where it can be noted that it was written; null without a configuration. */
  readonly dataDir: string | null;
}

/** The pack of a folder, or one made now; a folder needs no configuration, so the connector's machine has none. */
export async function packToInstall(options: PackChoice, cwd: string): Promise<PackToInstall> {
  if (options.pack === undefined) return madePack(options);
  const { manifest, files } = await readPackFolder(resolve(cwd, options.pack));
  requireMatch('feed', options.feed, manifest.feed);
  requireMatch('connector', options.connector, manifest.login.connector);
  return { files, wizard: wizardOf(manifest), dataDir: null };
}

async function madePack(options: PackChoice): Promise<PackToInstall> {
  const config = await loadConfig({ argvPath: options.config });
  const feed = chooseFeed(options.feed ?? onlyFeed(config), config);
  const settings = await packSettings(config, feed, knownConnectors(config), options.connector);
  return { files: placePack(renderPack(settings)).files, wizard: settings, dataDir: config.dataDir };
}

/** @throws BridgeError FEED_UNKNOWN where there are several */
function onlyFeed({ feeds }: Pick<Config, 'feeds'>): string {
  const [first, ...others] = feeds.map(({ name }) => name);
  if (first !== undefined && others.length === 0) return first;
  throw new BridgeError({
    code: 'FEED_UNKNOWN',
    kind: 'operator',
    message: 'the configuration has more than one feed',
    hint: `Say which: --feed ${[first, ...others].join(' or --feed ')}.`,
  });
}

function requireMatch(what: 'feed' | 'connector', wanted: string | undefined, found: string): void {
  if (wanted === undefined || wanted === found) return;
  throw installError(
    'INSTALL_PACK',
    `the pack is for the ${what} ${JSON.stringify(found)}, not for ${JSON.stringify(wanted)}; nothing was done`,
    `Leave --${what} out, or give the pack that generate made for it.`,
  );
}

/** What the wizard asks does not depend on the rest of the login. */
function wizardOf({ feed, eventsUrl, login: { kind, connector } }: Manifest): WizardSettings {
  const end = eventsUrl.lastIndexOf(`/v1/feeds/${feed}/`);
  const publicUrl = end === -1 ? eventsUrl : eventsUrl.slice(0, end);
  const login = kind === 'oauth2' ? { kind, connector, clientId: '', redirectUri: '' } : { kind, connector };
  return { feed, publicUrl, login };
}
