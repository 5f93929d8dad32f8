import { ConfigError } from '../../config/config-error.ts';
import { loadConfig } from '../../config/load.ts';
import { redactedConfig } from '../../config/redacted-config.ts';
import { systemClock } from '../../domain/clock.ts';
import { messageOf } from '../../domain/errors.ts';
import type { Console } from '../console.ts';
import { diagnose } from '../doctor.ts';
import { doctorParts, metricsPart, statusPart } from './bridge-parts.ts';
import type { BundlePart, MissingPart } from './bundle-part.ts';
import { dataFolderPart } from './data-folder-part.ts';
import { configParts, versionsPart } from './environment-parts.ts';
import { knownSecrets } from './known-secrets.ts';
import { logPart } from './log-part.ts';
import { auditPart, storePart } from './store-parts.ts';

export interface Collected {
  readonly parts: readonly BundlePart[];
  readonly missing: readonly MissingPart[];
  /** What must not be in any of them. */
  readonly secrets: readonly string[];
}

export interface Collecting {
  readonly configPath: string | undefined;
  /** File whose end is added. */
  readonly log: string | undefined;
  readonly offline: boolean;
}

type Part = BundlePart | readonly BundlePart[];

/** Everything that can be had; what cannot is named with the reason. Only a log that was asked for must be there. */
export async function collectParts(asked: Collecting, console: Console): Promise<Collected> {
  const parts: BundlePart[] = [];
  const missing: MissingPart[] = [];
  const add = async (path: string, make: () => Part | Promise<Part>): Promise<void> => {
    try {
      parts.push(...[await make()].flat());
    } catch (thrown) {
      missing.push({ path, because: messageOf(thrown) });
    }
  };
  if (asked.log !== undefined) parts.push(await logPart(asked.log));
  await add('versions.json', versionsPart);
  await add('config/', async () => configParts(await redactedConfig({ argvPath: asked.configPath })));
  const config = await loaded(asked.configPath);
  if ('problems' in config) {
    const text = `${config.problems}\n`;
    parts.push({ path: 'config/problems.txt', about: 'why the configuration is not taken', text });
    missing.push({ path: 'everything else', because: 'the configuration cannot be used' });
    return { parts, missing, secrets: [] };
  }
  const quiet: Console = { ...console, isTerminal: false };
  const options = { offline: asked.offline, ...(asked.configPath !== undefined && { config: asked.configPath }) };
  await add('doctor.txt', async () => doctorParts(await diagnose(config, options, quiet)));
  await add('status.json', () => statusPart(config));
  await add('metrics.txt', () => metricsPart(config));
  await add('store.json', () => storePart(config));
  await add('audit.jsonl', () => auditPart(config, systemClock.now()));
  await add('data-folder.txt', () => dataFolderPart(config.dataDir));
  return { parts, missing, secrets: await knownSecrets(config) };
}

async function loaded(argvPath: string | undefined) {
  try {
    return await loadConfig({ argvPath });
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    return { problems: thrown.message };
  }
}
