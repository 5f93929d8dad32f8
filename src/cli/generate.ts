import { resolve } from 'node:path';
import type { Config, FeedConfig } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { renderPack, writePack } from '../connector/bundle.ts';
import { comparePack } from '../connector/compare-pack.ts';
import { FIRST_CONNECTOR } from '../store/first-logins.ts';
import type { Console } from './console.ts';
import { chooseFeed } from './feed-choice.ts';

/** Writes a feed's pack, or compares a deployed folder with it (exit code 1 when it differs). */
export async function generate(
  options: { readonly config?: string; readonly feed: string; readonly out: string; readonly check?: boolean },
  { out, cwd }: Console,
): Promise<number> {
  const config = await loadConfig({ argvPath: options.config });
  const feed = chooseFeed(options.feed, config);
  const files = renderPack({
    feed: feed.name,
    layout: feed.layout,
    receiptTime: feed.receiptTime,
    publicUrl: config.server.publicUrl,
    connectorName: connectorOf(feed, config),
  });
  const folder = resolve(cwd, options.out);
  if (options.check) return compare(folder, files, out);
  await writePack(folder, files);
  out(files.map(({ path }) => `wrote ${folder}/${path}\n`).join(''));
  out('Next: open INSTALL.md; it says where each file goes and what to type in the wizard.\n');
  return 0;
}

async function compare(folder: string, files: ReturnType<typeof renderPack>, out: Console['out']): Promise<number> {
  const states = await comparePack(folder, files);
  for (const state of states) {
    out(`${state.state.padEnd(9)} ${folder}/${state.path}\n`);
    if (state.state === 'different') out(state.diff.map((line) => `    ${line}\n`).join(''));
  }
  return states.every(({ state }) => state === 'same') ? 0 : 1;
}

/** Who reads the feed: the first configured connector, else the one that a first start makes. */
function connectorOf(feed: FeedConfig, { connectors }: Config): string {
  return connectors.find(({ feeds }) => feeds.includes(feed.name))?.name ?? FIRST_CONNECTOR;
}
