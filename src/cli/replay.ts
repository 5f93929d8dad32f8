import type { Config, FeedConfig } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { systemClock } from '../domain/clock.ts';
import type { ReplayArgs } from '../feed/command-args.ts';
import type { DetectionStore } from '../store/detection-store.ts';
import type { ReplayPreview } from '../store/errands.ts';
import { account } from './account.ts';
import type { Console } from './console.ts';
import { chooseConnector, chooseFeed, connectorsOf } from './feed-choice.ts';
import { withStore } from './open-store.ts';
import { watchReplay } from './replay-follow.ts';
import { cancelReplay, listReplays } from './replay-list.ts';
import { misused, parseSelection, requireEvents, type SelectionOptions } from './replay-selection.ts';
import { type Considered, durationMs, outlook, type ReplayReader } from './replay-view.ts';

export interface ReplayOptions extends SelectionOptions {
  readonly config?: string;
  readonly feed?: string;
  readonly connector?: string;
  readonly rate: string;
  readonly dryRun?: boolean;
  readonly wait: boolean;
  readonly list?: boolean;
  readonly cancel?: string;
  readonly json?: boolean;
}

const MOST_A_SECOND = 10_000;

/** Events of a feed once more: asked for here, appended by the running server. */
export async function replay(options: ReplayOptions, console: Console): Promise<number> {
  const config = await loadConfig({ argvPath: options.config });
  if (options.list) return listReplays(config, options, console);
  if (options.cancel !== undefined) return cancelReplay(config, options.cancel, options, console);
  const considered = await consider(config, options);
  if (options.dryRun) return tellOutlook(considered, options, console);
  const { args, preview } = considered;
  // Until now and no further: what is asked for is what was shown, however late it begins.
  const asked: ReplayArgs = { ...args, selection: { ...args.selection, toSeq: preview.lastSeq } };
  const commandId = await withStore(config, 'write', (store) =>
    store.addCommand({ kind: 'replay', args: asked, requestedBy: account() }),
  );
  return watchReplay(config, { commandId, ...considered }, options, console);
}

/** Looks whether it can be done, and what it would be; writes nothing. */
async function consider(config: Config, options: ReplayOptions): Promise<Considered> {
  if (options.feed === undefined) {
    const names = config.feeds.map(({ name }) => name).join(', ');
    throw misused('it is not said which feed', `Name it with --feed. The feeds are: ${names}.`);
  }
  const feed = chooseFeed(options.feed, config);
  const connector = options.connector === undefined ? null : chooseConnector(options.connector, feed, config);
  const selection = parseSelection(options, systemClock.now());
  const args: ReplayArgs = { feed: feed.name, connector, selection, rate: parseRate(options.rate) };
  return withStore(config, 'read', async (store) => {
    const { lastSeq } = await store.feedStats(feed.name);
    const preview = lastSeq === 0 ? NOTHING : await store.replayPreview(feed.name, selection);
    requireEvents(selection, preview, lastSeq);
    const names = connector === null ? connectorsOf(feed, config) : [connector];
    return { args, preview, readers: await readersOf(store, feed, names, lastSeq) };
  });
}

const NOTHING: ReplayPreview = {
  events: 0,
  firstSeq: null,
  lastSeq: null,
  firstStoredMs: null,
  lastStoredMs: null,
  keptFromSeq: 1,
};

function readersOf(
  store: DetectionStore,
  feed: FeedConfig,
  names: readonly string[],
  lastSeq: number,
): Promise<readonly ReplayReader[]> {
  return Promise.all(
    names.map(async (connector) => {
      const position = await store.position(connector, feed.name);
      const isKnown = position !== null && position.lastPollMs > 0;
      const backlog = position === null ? 0 : lastSeq - position.acknowledged;
      return { connector, lastPollMs: isKnown ? position.lastPollMs : null, backlog };
    }),
  );
}

function tellOutlook(considered: Considered, { json }: ReplayOptions, { out }: Console): number {
  const { args, preview, readers } = considered;
  const { feed, rate } = args;
  const seconds = durationMs(args, preview.events) / 1000;
  const data = { dryRun: true, feed, rate, seconds, ...preview, connectors: readers };
  const text = [...outlook(considered, systemClock.now()), 'This was a dry run: nothing was written.'].join('\n');
  out(`${json ? JSON.stringify(data, null, 2) : text}\n`);
  return 0;
}

function parseRate(text: string): number {
  const [, digits] = /^(\d{1,6})(?:\/s)?$/.exec(text.trim()) ?? [];
  const rate = Number(digits);
  if (digits !== undefined && rate >= 1 && rate <= MOST_A_SECOND) return rate;
  throw misused(
    `${JSON.stringify(text.slice(0, 40))} is no rate`,
    `Give the events a second, from 1 to ${MOST_A_SECOND}, as --rate 200.`,
  );
}
