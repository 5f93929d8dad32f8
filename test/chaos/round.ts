import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type Chain, createChain, DEMO_TENANT } from '../../src/cli/demo-chain.ts';
import { loadParser } from '../../src/connector/interpreter/load-parser.ts';
import { renderParserFile } from '../../src/connector/parser-file.ts';
import { createPoller, type Poller, type PollResult, type TimeMeaning } from '../../src/connector/poller.ts';
import { systemClock } from '../../src/domain/clock.ts';

export interface RoundOptions {
  readonly meaning: TimeMeaning;
  readonly kills: number;
  readonly seed: number;
  readonly mainFile: string;
  readonly say: (text: string) => void;
}

export interface RoundResult {
  readonly kills: number;
  readonly failedPolls: number;
  /** Alerts that were visible and settled before the end. */
  readonly microsoft: number;
  readonly notStored: readonly string[];
  readonly stored: number;
  /** Detections that the store announced as new more than once. */
  readonly twice: readonly string[];
  readonly received: number;
  /** FeedSeq of events that the store has and the connector never got. */
  readonly lost: readonly number[];
  readonly outOfOrder: number;
  readonly repeatedPages: number;
  readonly repeatedEvents: number;
}

/** The demo's chain settles after two seconds (demo-chain.ts). */
const SETTLE_MS = 2000;
/** Short, and pages are small, so that most kills meet a page on its way. */
const POLL_EVERY_MS = 5;

/** One chain, killed and started again while it works, then drained and compared. */
export async function runRound({ meaning, kills, seed, mainFile, say }: RoundOptions): Promise<RoundResult> {
  const random = createRandom(seed);
  let finished: () => void = () => undefined;
  const chain = await createChain({
    seed,
    backlog: 1500,
    live: kills * 12,
    livePeriodMs: 120,
    maxEvents: 5,
    mainFile,
    onLog: (line) => {
      if (line['event'] === 'pollFinished') finished();
    },
  });
  try {
    await chain.startBridge();
    const ledger = createLedger();
    const connector = poll(await connect(chain, meaning), ledger);
    for (let kill = 1; kill <= kills; kill += 1) {
      await sleep(200 + random() * 1300);
      await chain.endBridge('SIGKILL');
      const { pid } = await chain.startBridge();
      say(`kill ${kill} of ${kills}: received ${ledger.distinct()} events so far; started again as pid ${pid}`);
    }
    const truthMs = systemClock.now();
    await sleep(SETTLE_MS + 1000);
    for (let poll = 0; poll < 2; poll += 1) await new Promise<void>((resolve) => (finished = resolve));
    await connector.drained();
    await chain.endBridge('SIGTERM');
    return compare(chain, ledger, { kills, truthMs });
  } finally {
    await chain.close();
  }
}

async function connect(chain: Chain, meaning: TimeMeaning): Promise<Poller> {
  const { name, secret } = await chain.login('connector');
  const parser = renderParserFile({ feed: 'default', layout: 'microsoft', receiptTime: 'feed' });
  return createPoller({
    url: `${chain.bridgeUrl}/v1/feeds/default/detections?since=$START_AT_TIME`,
    ca: await readFile(join(chain.folder, 'data', 'tls', 'ca.pem')),
    authorization: { kind: 'basic', user: name, password: secret },
    parser: loadParser(Buffer.from(parser, 'latin1')).definition,
    meaning,
    clock: systemClock,
    startTimeMs: systemClock.now(),
  });
}

/** What the connector received, poll by poll. */
function createLedger() {
  const times = new Map<number, number>();
  let failedPolls = 0;
  let repeatedPages = 0;
  let repeatedEvents = 0;
  let outOfOrder = 0;
  let highest = 0;
  return {
    take(result: PollResult): void {
      if (result.kind === 'failed') {
        failedPolls += 1;
        return;
      }
      const seqs = result.events.map(({ additionalData }) => Number(additionalData['FeedSeq']));
      const again = seqs.filter((seq) => times.has(seq));
      if (again.length > 0) repeatedPages += 1;
      repeatedEvents += again.length;
      for (const seq of seqs) {
        if (!times.has(seq) && seq < highest) outOfOrder += 1;
        highest = Math.max(highest, seq);
        times.set(seq, (times.get(seq) ?? 0) + 1);
      }
    },
    has: (seq: number) => times.has(seq),
    distinct: () => times.size,
    counts: () => ({ failedPolls, repeatedPages, repeatedEvents, outOfOrder }),
  };
}

/** Polls until told to drain: then until an answer is empty. */
function poll(poller: Poller, ledger: ReturnType<typeof createLedger>) {
  const signal = new AbortController().signal;
  const state = { draining: false };
  const done = (async () => {
    for (;;) {
      const result = await poller.poll(signal);
      ledger.take(result);
      if (state.draining && result.kind === 'received' && result.events.length === 0) return;
      await sleep(POLL_EVERY_MS);
    }
  })();
  return {
    drained: () => {
      state.draining = true;
      return done;
    },
  };
}

function compare(
  chain: Chain,
  ledger: ReturnType<typeof createLedger>,
  { kills, truthMs }: { kills: number; truthMs: number },
): RoundResult {
  const db = new Database(join(chain.folder, 'data', 'flexbridge.db'), { readonly: true });
  const stored = db
    .prepare<[], { seq: number }>('SELECT event_id % 1099511627776 AS seq FROM feed_event ORDER BY event_id')
    .all();
  const twice = db
    .prepare<[], { id: string }>(
      `SELECT json_extract(content, '$.detectionId') AS id FROM emission
       WHERE json_extract(content, '$.kind') = 'new' GROUP BY id HAVING count(*) > 1`,
    )
    .all();
  const alerts = new Set(
    db
      .prepare<[], { id: string }>('SELECT alert_id AS id FROM alert')
      .all()
      .map(({ id }) => id),
  );
  db.close();
  const microsoft = chain.simulator.world
    .visible(DEMO_TENANT, truthMs)
    .filter(({ lastUpdateDateTime }) => Date.parse(lastUpdateDateTime) < truthMs);
  return {
    kills,
    ...ledger.counts(),
    microsoft: microsoft.length,
    notStored: microsoft.map(({ id }) => id).filter((id) => !alerts.has(id)),
    stored: stored.length,
    twice: twice.map(({ id }) => id),
    received: ledger.distinct(),
    lost: stored.map(({ seq }) => seq).filter((seq) => !ledger.has(seq)),
  };
}

/** Small and seeded (mulberry32), so that a run can be repeated. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
