import type { Config, FeedConfig } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { systemClock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import { newPosition, type Position } from '../domain/position.ts';
import { moment } from '../domain/time-words.ts';
import type { DetectionStore } from '../store/detection-store.ts';
import type { CutOverStart } from '../store/errands.ts';
import { counted } from '../telemetry/wording.ts';
import { account } from './account.ts';
import { confirm } from './confirm.ts';
import type { Console } from './console.ts';
import { type CutOverPlan, cutOverText } from './cut-over-view.ts';
import { chooseConnector, chooseFeed } from './feed-choice.ts';
import { parseMoment } from './moment.ts';
import { withStore } from './open-store.ts';

export interface CutOverOptions {
  readonly config?: string;
  readonly feed: string;
  readonly connector: string;
  readonly at?: string;
  readonly position?: string;
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/**
 * An alert is stored after it was updated, but by two clocks, Microsoft's and ours: what is stored a day before the time
 * is looked at too, so that no clock makes an event be missed.
 */
const CLOCKS_MS = 86_400_000;
/** The server may change the position at the same time. */
const RACES = 20;

/** Starts a connector where the one before it ended. */
export async function cutOver(options: CutOverOptions, console: Console): Promise<number> {
  const config = await loadConfig({ argvPath: options.config });
  const feed = chooseFeed(options.feed, config);
  requirePositions(feed);
  const connector = chooseConnector(options.connector, feed, config);
  const plan = await withStore(config, 'read', (store) => consider(store, feed, connector, options));
  const shown: Console = options.json ? { ...console, out: () => undefined } : console;
  shown.out(cutOverText(plan));
  if (options.dryRun) shown.out('This was a dry run: nothing was written.\n');
  else if (!options.yes && !options.json && !(await confirm('Do it?', console))) {
    shown.out('Nothing was changed.\n');
    return 1;
  } else await write(config, plan, options);
  if (options.json) console.out(`${JSON.stringify({ dryRun: options.dryRun ?? false, ...plan }, null, 2)}\n`);
  else if (!options.dryRun) shown.out(`Done: start ${connector} now.\n`);
  return 0;
}

async function consider(
  store: DetectionStore,
  feed: FeedConfig,
  connector: string,
  options: CutOverOptions,
): Promise<CutOverPlan> {
  const { lastSeq } = await store.feedStats(feed.name);
  const start = { feed: feed.name, connector, ...(await startOf(store, feed.name, lastSeq, options)) };
  const found = await store.position(connector, feed.name);
  if (found !== null && hasPolled(found) && !options.force) throw hasPosition(found, start, lastSeq);
  const before = found && {
    acknowledged: found.acknowledged,
    lastPollMs: hasPolled(found) ? found.lastPollMs : null,
  };
  const preview = lastSeq === 0 ? { sent: 0, leftOut: 0 } : await store.cutOverPreview(start);
  const keptFromSeq = lastSeq === 0 ? 1 : (await store.feedSpan(feed.name)).firstSeq;
  return { ...start, ...preview, lastSeq, keptFromSeq, before };
}

/** A position that an earlier cut-over wrote for a connector that has not asked yet. */
function hasPolled({ lastPollMs }: Position): boolean {
  return lastPollMs > 0;
}

async function startOf(
  store: DetectionStore,
  feed: string,
  lastSeq: number,
  { at, position }: CutOverOptions,
): Promise<Pick<CutOverStart, 'acknowledged' | 'cutOver'>> {
  if ((at === undefined) === (position === undefined)) {
    throw misused(
      'it has to be said where the old connector ended, in one way',
      'Give --at TIME, the time of the last alert that it delivered, or --position N, the last FeedSeq that need not come.',
    );
  }
  if (position !== undefined) return { acknowledged: parsePosition(position, lastSeq), cutOver: null };
  const nowMs = systemClock.now();
  const updatedBeforeMs = parseMoment(at ?? '', '--at', nowMs);
  if (updatedBeforeMs > nowMs) {
    throw misused(
      `--at ${moment(updatedBeforeMs)} lies in the future`,
      'Stop the old connector first; then give the time of the last alert that it delivered.',
    );
  }
  const acknowledged = lastSeq === 0 ? 0 : await store.seqBefore(feed, updatedBeforeMs - CLOCKS_MS);
  return { acknowledged, cutOver: { upTo: lastSeq, updatedBeforeMs } };
}

function parsePosition(text: string, lastSeq: number): number {
  const seq = /^\d{1,13}$/.test(text.trim()) ? Number(text) : null;
  if (seq !== null && seq <= lastSeq) return seq;
  throw misused(
    seq === null ? `${JSON.stringify(text.slice(0, 40))} is no position` : `the last FeedSeq of the feed is ${lastSeq}`,
    `Give a FeedSeq from 0 (send everything) to ${lastSeq} (send only what is stored from now on).`,
  );
}

/** By compare-and-set, as the server does it: a poll at the same moment is not lost, it counts as before. */
async function write(config: Config, plan: CutOverPlan, { force }: CutOverOptions): Promise<void> {
  const { feed, connector, acknowledged, cutOver: from } = plan;
  await withStore(config, 'write', async (store) => {
    for (let race = 0; race < RACES; race += 1) {
      const found = await store.position(connector, feed);
      if (found !== null && hasPolled(found) && !force) throw hasPosition(found, plan, plan.lastSeq);
      const now = found ?? newPosition(connector, feed, acknowledged);
      const next: Position = { ...now, acknowledged, page: null, pace: null, cutOver: from };
      const details = {
        feed,
        connector,
        acknowledged,
        updatedBefore: from === null ? null : moment(from.updatedBeforeMs),
        upTo: from?.upTo ?? null,
        before: found?.acknowledged ?? null,
      };
      const entry = { who: account(), action: 'cut-over', details };
      if (await store.saveStart({ ...next, revision: next.revision + 1 }, entry)) return;
    }
    throw new BridgeError({
      code: 'POSITION_CONTENDED',
      kind: 'transient',
      message: `the position of ${connector} changes faster than it can be set`,
      hint: 'Stop the connector, then try again.',
    });
  });
}

function requirePositions({ name, acknowledge }: FeedConfig): void {
  if (acknowledge !== 'none') return;
  throw misused(
    `the feed ${name} keeps no positions (acknowledge: none)`,
    'There the connector itself says from when on it wants events: set its start time in the wizard.',
  );
}

function hasPosition(found: Position, { acknowledged }: CutOverStart, lastSeq: number): BridgeError {
  const move =
    acknowledged > found.acknowledged
      ? `it would skip up to ${counted(acknowledged - found.acknowledged, 'event')} that it has not taken`
      : `up to ${counted(found.acknowledged - acknowledged, 'event')} would come again`;
  return new BridgeError({
    code: 'CUT_OVER_POSITION',
    kind: 'operator',
    message: `${found.connector} already reads the feed ${found.feed}: it has taken everything up to FeedSeq ${found.acknowledged} of ${lastSeq}`,
    hint: `A cut-over is for a connector that has not started. With --force it is moved all the same: ${move}. To send events once more, use flexbridge replay.`,
  });
}

function misused(message: string, hint: string): BridgeError {
  return new BridgeError({ code: 'CUT_OVER_USE', kind: 'operator', message: `cut-over: ${message}`, hint });
}
