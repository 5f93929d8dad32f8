import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ParserDefinition } from '../../../src/connector/interpreter/parser-definition.ts';
import { createRig, type Rig } from '../rig.ts';
import { createParty, type Party } from './party.ts';
import { readLeft, readState, type StoreState } from './store-state.ts';
import { type Call, type KillPlace, killIfHeld, listCalls, traced, wasKilled } from './tracer.ts';

export interface LifeOptions {
  readonly entryFile: string;
  readonly parser: ParserDefinition;
  readonly tls: boolean;
  /** Null: nobody kills it. */
  readonly place: KillPlace | null;
}

/** What is left of a bridge that was killed, started again and drained. */
export interface Life {
  readonly rig: Rig;
  readonly party: Party;
  /** When Microsoft began. */
  readonly bornMs: number;
  /** What it did in its first life. */
  readonly calls: readonly Call[];
  readonly killed: boolean;
  /** When it was killed: the store, the highest FeedSeq that was processed, and the last page. */
  readonly left: StoreState | null;
  readonly processedTo: number;
  readonly inFlight: readonly number[];
  /** At the end. */
  readonly end: StoreState;
  readonly truthMs: number;
  /** What did not come to an end. */
  readonly problems: readonly string[];
}

/** The same in every life: some tens of alerts, more of them and updates later on. */
const WORLD = { seed: 5, backlog: 36, live: 12, livePeriodMs: 120_000, maxEvents: 8 };
/** Within the first half of a page. */
const CUT_BYTES = 8_000;
const MINUTE_MS = 60_000;
const TELL_LIMIT_MS = 20_000;
const HELD_LOOK_MS = 3;
const MOST_POLLS = 80;
/** An answer is empty twice before all is taken for delivered. */
const EMPTY_ANSWERS = 2;

/** One bridge from its first start to the drained end. @param judge is told what is left, before it is removed */
export async function liveThrough<T>(options: LifeOptions, judge: (life: Life) => T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-kill-'));
  const listFile = join(folder, 'calls');
  // Emptied after the first life: the second one is not traced.
  const wrapper = [...traced(listFile, options.place)];
  const rig = await createRig({ ...options, wrapper, world: WORLD });
  const bornMs = rig.time.clock.now();
  const parties: Party[] = [];
  const meet = async (): Promise<Party> => {
    const party = parties[0] ?? (await createParty({ rig, ...options }));
    if (parties.length === 0) parties.push(party);
    return party;
  };
  try {
    const first = firstLife(rig, meet);
    const isOver = new AbortController();
    const killer = killWhenHeld(listFile, isOver.signal);
    await first;
    isOver.abort();
    await killer;
    const account = parties[0]?.account;
    const left = readLeft(rig.database);
    const processedTo = Math.max(0, ...(account?.processed.keys() ?? []));
    const inFlight = account?.lastPage ?? [];
    const calls = listCalls(listFile, rig.port);
    const killed = wasKilled(listFile);
    wrapper.splice(0);
    const { truthMs, problems } = await secondLife(rig, meet);
    const party = await meet();
    const end = readState(rig.database);
    return judge({ rig, party, bornMs, calls, killed, left, processedTo, inFlight, end, truthMs, problems });
  } finally {
    for (const party of parties) party.close();
    await rig.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Several windows of Microsoft's alerts, pages, a broken answer, updates, SIGTERM; as far as it gets. */
async function firstLife(rig: Rig, meet: () => Promise<Party>): Promise<void> {
  const { bridge } = rig;
  const poll = async (cutAfterBytes?: number): Promise<void> => {
    await (await meet()).poll(cutAfterBytes);
  };
  const polls = async (): Promise<void> => {
    await bridge.untilTold('pollFinished', bridge.count('pollFinished') + 1, TELL_LIMIT_MS);
  };
  const steps: readonly (() => Promise<unknown>)[] = [
    // What it was killed by is known from the list; any other reason shows when it starts again.
    () => bridge.start().catch(() => undefined),
    polls,
    poll,
    poll,
    () => poll(CUT_BYTES),
    poll,
    poll,
    () => rig.pass(30 * MINUTE_MS),
    polls,
    poll,
    poll,
    poll,
  ];
  for (const step of steps) {
    await step();
    if (!bridge.isRunning()) return;
  }
  await bridge.stop();
}

async function killWhenHeld(listFile: string, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    killIfHeld(listFile);
    await sleep(HELD_LOOK_MS);
  }
}

/** Nobody kills it: everything that Microsoft shows is collected, and the connector polls until nothing is left. */
async function secondLife(
  rig: Rig,
  meet: () => Promise<Party>,
): Promise<{ readonly truthMs: number; readonly problems: readonly string[] }> {
  const { bridge, time } = rig;
  const problems: string[] = [];
  await bridge.start();
  await rig.pass(60 * MINUTE_MS);
  rig.holdMicrosoft();
  const truthMs = time.clock.now();
  // The first may have begun before.
  const wanted = bridge.count('pollFinished') + 2;
  await bridge.untilTold('pollFinished', wanted, TELL_LIMIT_MS);
  if (bridge.count('pollFinished') < wanted) problems.push('it did not poll Microsoft again');
  const party = await meet();
  let left = EMPTY_ANSWERS;
  for (let count = 0; count < MOST_POLLS && left > 0; count += 1) {
    const result = await party.poll();
    if (result.kind === 'received') left = result.events.length === 0 ? left - 1 : EMPTY_ANSWERS;
  }
  if (left > 0) problems.push(`after ${MOST_POLLS} polls answers were not empty yet`);
  await bridge.stop();
  return { truthMs, problems };
}
