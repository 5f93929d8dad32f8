import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { type Chain, createChain } from '../../src/cli/demo-chain.ts';
import type { ArcSightEvent } from '../../src/connector/interpreter/interpret.ts';
import { loadParser } from '../../src/connector/interpreter/load-parser.ts';
import { renderParserFile } from '../../src/connector/parser-file.ts';
import { createPoller } from '../../src/connector/poller.ts';
import { DEFAULT_CHOICES } from '../../src/domain/arcsight-choices.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { hashSecret } from '../../src/domain/credential.ts';
import { startProgram } from '../support/program.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const CONNECTORS = ['arcsight-01', 'arcsight-02'] as const;
const REPLAYED = 60;

let chain: Chain | null = null;
afterEach(async () => {
  await chain?.close();
  chain = null;
});

/** A connector that polls all the time, and what it received, each event once. */
interface Connector {
  readonly events: ReadonlyMap<number, ArcSightEvent>;
  /** Resolves once it has received what is wanted. */
  until(condition: (events: ReadonlyMap<number, ArcSightEvent>) => boolean): Promise<void>;
  /** Ends after an answer without events. */
  drain(): Promise<void>;
}

async function connect(to: Chain, name: string): Promise<Connector> {
  const parser = renderParserFile({
    feed: 'default',
    layout: 'microsoft',
    receiptTime: 'feed',
    choices: DEFAULT_CHOICES,
  });
  const poller = createPoller({
    url: `${to.bridgeUrl}/v1/feeds/default/detections?since=$START_AT_TIME`,
    ca: await to.caPem(),
    authorization: { kind: 'basic', user: name, password: `secret of ${name}` },
    parser: loadParser(Buffer.from(parser, 'latin1')).definition,
    mode: 'newest-event',
    clock: systemClock,
    startTimeMs: systemClock.now(),
  });
  const events = new Map<number, ArcSightEvent>();
  const waiting = new Set<() => void>();
  const draining = new AbortController();
  const isDraining = (): boolean => draining.signal.aborted;
  const done = (async () => {
    for (;;) {
      const result = await poller.poll(new AbortController().signal);
      if (result.kind === 'failed') continue;
      for (const event of result.events) events.set(seqOf(event), event);
      for (const look of waiting) look();
      if (isDraining() && result.events.length === 0) return;
    }
  })();
  return {
    events,
    until: (condition) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!condition(events)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    drain() {
      draining.abort();
      return done;
    },
  };
}

function giveLogins({ configFile }: Chain): void {
  const logins = CONNECTORS.map(
    (name) =>
      `  - { name: ${name}, feeds: [default], auth: { kind: basic, secretHash: ${hashSecret(`secret of ${name}`)} } }`,
  );
  appendFileSync(configFile, ['connectors:', ...logins, ''].join('\n'));
}

const seqOf = ({ additionalData }: ArcSightEvent): number => Number(additionalData['FeedSeq']);
const kindOf = ({ additionalData }: ArcSightEvent): string | undefined => additionalData['EventKind'];
const ofKind = (events: ReadonlyMap<number, ArcSightEvent>, ...kinds: readonly string[]) =>
  [...events.values()].filter((event) => kinds.includes(kindOf(event) ?? ''));

/** What the store has: FeedSeq by kind. */
function stored({ folder }: Chain): ReadonlyMap<string, readonly number[]> {
  const db = new Database(join(folder, 'data', 'flexbridge.db'), { readonly: true });
  const rows = db
    .prepare<[], { readonly kind: string; readonly seq: number }>(
      'SELECT kind, event_id % 1099511627776 AS seq FROM feed_event ORDER BY event_id',
    )
    .all();
  db.close();
  return new Map(
    ['new', 'update', 'overflow', 'replay'].map((kind) => [
      kind,
      rows.filter((row) => row.kind === kind).map(({ seq }) => seq),
    ]),
  );
}

describe('a replay to one of two connectors, while alerts come in and the bridge is killed', () => {
  it('gives that connector each chosen event once, the other none, and both every new one', async () => {
    let finished: () => void = () => undefined;
    chain = await createChain({
      seed: 5,
      backlog: REPLAYED,
      live: 60,
      livePeriodMs: 100,
      maxEvents: 10,
      mainFile: MAIN,
      onLog: (line) => {
        if (line['event'] === 'pollFinished') finished();
      },
    });
    giveLogins(chain);
    await chain.startBridge();
    const [first, second] = [await connect(chain, CONNECTORS[0]), await connect(chain, CONNECTORS[1])];
    await first.until((events) => events.size >= REPLAYED);

    const command = startProgram([
      ...['replay', '--config', chain.configFile, '--feed', 'default', '--connector', CONNECTORS[0]],
      ...['--position', `1-${REPLAYED}`, '--rate', '15', '--json'],
    ]);
    await first.until((events) => ofKind(events, 'replay').length >= 20);
    await chain.endBridge('SIGKILL');
    await chain.startBridge();
    const { code, out, err } = await command.ended;
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ state: 'done', done: REPLAYED, total: REPLAYED });

    for (let poll = 0; poll < 2; poll += 1) await new Promise<void>((resolve) => (finished = resolve));
    await Promise.all([first.drain(), second.drain()]);
    await chain.endBridge('SIGTERM');

    const inStore = stored(chain);
    const chosen = Array.from({ length: REPLAYED }, (_, index) => index + 1);
    const replays = ofKind(first.events, 'replay').toSorted((a, b) => seqOf(a) - seqOf(b));
    expect(replays.map((event) => /^replay of FeedSeq (\d+): /.exec(String(event.fields['reason']))?.[1])).toEqual(
      chosen.map(String),
    );
    expect(replays.map(seqOf)).toEqual(inStore.get('replay'));
    const ids = (events: readonly (ArcSightEvent | undefined)[]) =>
      events.map((event) => event?.fields['deviceCustomString2']);
    expect(ids(replays)).toEqual(ids(chosen.map((seq) => first.events.get(seq))));
    expect(ofKind(second.events, 'replay')).toEqual([]);

    const ordinary = ['new', 'update', 'overflow'];
    const all = ordinary.flatMap((kind) => inStore.get(kind) ?? []).toSorted((a, b) => a - b);
    for (const { events } of [first, second]) {
      expect(
        ofKind(events, ...ordinary)
          .map(seqOf)
          .toSorted((a, b) => a - b),
      ).toEqual(all);
    }
    // New ones did not wait for the end of the replay.
    const [begin = 0, end = 0] = [inStore.get('replay')?.[0], inStore.get('replay')?.at(-1)];
    expect(all.some((seq) => seq > begin && seq < end)).toBe(true);
  }, 90_000);
});

describe('a test event', () => {
  it('is followed to the acknowledgement of the connectors that poll, and names the one that does not', async () => {
    chain = await createChain({
      seed: 6,
      backlog: 5,
      live: 0,
      livePeriodMs: 1000,
      mainFile: MAIN,
      onLog: () => undefined,
    });
    giveLogins(chain);
    await chain.startBridge();
    const first = await connect(chain, CONNECTORS[0]);
    const test = ['test-event', '--config', chain.configFile, '--feed', 'default'];
    const one = await startProgram([...test, '--connector', CONNECTORS[0], '--timeout', '30s']).ended;
    expect([one.code, one.err]).toEqual([0, '']);
    expect(one.out).toMatch(/arcsight-01: Acknowledged: its time repeated the stamp of the page/);
    const both = await startProgram([...test, '--timeout', '3s']).ended;
    expect(both.code).toBe(1);
    expect(both.out).toContain('arcsight-02 has not acknowledged it: It has never asked this feed for events.');
    await first.until((events) => ofKind(events, 'test').length === 2);
    await first.drain();
    expect(ofKind(first.events, 'test').map(({ fields }) => fields['deviceEventClassId'])).toEqual([
      'bridge:test',
      'bridge:test',
    ]);
    await chain.endBridge('SIGTERM');
    const stopped = await startProgram(test).ended;
    expect([stopped.code, stopped.err.includes('SERVE_NOT_RUNNING')]).toEqual([1, true]);
  }, 90_000);
});
