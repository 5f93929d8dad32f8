import { existsSync } from 'node:fs';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';
import { BridgeError } from '../../src/domain/errors.ts';
import type { Position, TryOutcome } from '../../src/domain/position.ts';
import { parseSince } from '../../src/domain/since.ts';
import { type Answer, createDelivery, type Delivery } from '../../src/feed/delivery.ts';
import { createPositionKeeper, type PositionKeeper } from '../../src/feed/position-keeper.ts';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { createDeliveryRig, type DeliveryRig } from '../unit/feed/delivery-rig.ts';
import {
  createParty,
  type ModelTry,
  noteAcknowledged,
  noteRestart,
  noteTry,
  type Party,
  process,
} from './delivery-party.ts';
import type { Exchange, Plan, Step, Told } from './delivery-plan.ts';
import { someFeedSettings } from './feed-settings.ts';

const MINUTE = 60_000;
const WAY_MS = 3;
/** Polls in which everybody gets everything, once nothing goes wrong any more. */
const QUIET_POLLS = 150;
/** Where there is one, files in memory: every answer writes, and waits for the disk. */
const MEMORY = '/dev/shm';

const OUTCOMES = {
  sent: ['sent'],
  closed: ['closed'],
  cut: ['sent', 'broken'],
  broken: ['broken'],
  open: [],
} as const satisfies Readonly<Record<Told, readonly TryOutcome[]>>;

/** Plays a plan on a real store; answers what went against the table of docs/delivery.md, in words. */
export async function violations(plan: Plan): Promise<readonly string[]> {
  const faults = { isFull: false, isUnreadable: false };
  const rig = await createDeliveryRig((store) => faulty(store, faults), existsSync(MEMORY) ? MEMORY : undefined);
  try {
    return await run(plan, rig, faults);
  } finally {
    await rig.close();
  }
}

async function run({ members, maxEvents, steps }: Plan, rig: DeliveryRig, faults: Faults): Promise<readonly string[]> {
  const settings = someFeedSettings({ limits: { maxEvents, maxBytes: 1e6 } });
  const parties = members.map((member, at) => createParty(member, `c${at}`, rig.clock));
  const wrong: string[] = [];
  let events: BridgeEvent[] = [];
  const start = () => createBridge(rig, (event) => events.push(event));
  let bridge = start();
  const partyAt = (who: number) => parties.filter((_, at) => at === who);

  /** Something happens to one connector: what is acknowledged by it, and that nobody else notices. */
  const watched = async <Result>(party: Party, work: () => Promise<Result>): Promise<Result> => {
    const others = async () => {
      const found = parties.filter((other) => other !== party).map(({ name }) => bridge.positions.get(name, 'default'));
      return JSON.stringify((await Promise.all(found)).map(withoutRevision));
    };
    const before = await others();
    events = [];
    const result = await work();
    if ((await others()) !== before) wrong.push(`${party.name} moved the position of another connector`);
    const now = (await bridge.positions.get(party.name, 'default'))?.acknowledged ?? null;
    const from = party.acknowledged ?? now ?? 0;
    party.acknowledged = now;
    const all = await seqsFor(rig.store, party.name, true);
    const acknowledged = all.filter((seq) => seq > from && seq <= (now ?? 0));
    wrong.push(...noteAcknowledged(party, acknowledged, events));
    return result;
  };

  const ask = async (party: Party, text: string, limit: number | null, socketStampMs: number | null) => {
    const { name: connector, updates } = party;
    if (!updates) {
      const kept = await seqsFor(rig.store, connector, false);
      const all = await seqsFor(rig.store, connector, true);
      for (const seq of all) if (!kept.includes(seq)) party.skipped.add(seq);
    }
    const request = { connector, feed: settings, since: parseSince(text), address: '10.0.0.1', updates, socketStampMs };
    return bridge.delivery.poll({ ...request, maxEvents: limit });
  };

  const noteAnswer = async (party: Party, { page, attempt }: Answer): Promise<ModelTry | null> => {
    if (attempt !== null) {
      wrong.push(...noteTry(party, attempt.stampMs, seqsIn(page.body)));
      return party.tries.at(-1) ?? null;
    }
    const known = await seqsFor(rig.store, party.name, party.updates);
    const pending = known.filter((seq) => seq > (party.acknowledged ?? 0));
    if (pending.length > 0) wrong.push(`${party.name}: [] although ${pending.join()} is pending`);
    return null;
  };

  const tell = async (party: Party, one: ModelTry | null, told: Told): Promise<void> => {
    if (one === null) return;
    for (const outcome of OUTCOMES[told]) {
      one.outcome = outcome;
      await watched(party, () => bridge.delivery.outcome(party.name, settings, one.stampMs, outcome));
    }
  };

  /** The sending that the connector waits for: with a retry, the second. */
  const send = async (party: Party, text: string, { retry, limit }: Exchange): Promise<ModelTry | null> => {
    const { socketStampMs } = party;
    const once = (socket: number | null) => ask(party, text, limit, socket);
    const first = await watched(party, () =>
      Promise.all(retry?.atOnce === true ? [once(socketStampMs), once(null)] : [once(socketStampMs)]),
    );
    const noted: (ModelTry | null)[] = [];
    for (const answer of first.toSorted(byStamp)) noted.push(await noteAnswer(party, answer));
    const [one = null] = noted;
    if (retry === null) return one;
    await tell(party, one, retry.told);
    return retry.atOnce ? (noted[1] ?? null) : noteAnswer(party, await watched(party, () => once(null)));
  };

  /** Answers whether nothing was pending. */
  const exchange = async (party: Party, step: Exchange): Promise<boolean> => {
    rig.clock.step(step.waitMs);
    const { text, startedMs } = party.time.begin();
    party.texts.add(text);
    rig.clock.step(WAY_MS);
    const one = await send(party, text, step);
    if (step.got === 'processed') process(party, one, startedMs);
    rig.clock.step(WAY_MS);
    await tell(party, one, step.told);
    party.socketStampMs = party.keepAlive && step.told === 'sent' && one !== null ? one.stampMs : null;
    return one === null;
  };

  const restart = async (): Promise<void> => {
    const unsaved = bridge.positions.kept().map(({ connector }) => connector);
    bridge = start();
    await rig.store.breakUnprovenTries();
    for (const party of parties) {
      const { name } = party;
      const acknowledged = (await rig.store.position(name, 'default'))?.acknowledged ?? null;
      const lastStampMs = await rig.store.lastStamp(name);
      noteRestart(party, { acknowledged, lastStampMs, isForgotten: unsaved.includes(name) });
    }
  };

  const askInVain = async (party: Party): Promise<void> => {
    faults.isUnreadable = true;
    const { text } = party.time.begin();
    party.texts.add(text);
    const answer = await ask(party, text, null, null).catch(() => null);
    if (answer !== null) wrong.push(`${party.name}: an answer from a store that cannot be read`);
    faults.isUnreadable = false;
  };

  const setClock = (byMs: number): void => {
    rig.clock.step(byMs);
    for (const party of parties) {
      // The connectors' clocks go on as they were.
      if (byMs > 0) party.time.setClock(-byMs);
      party.isBeginner ||= party.mode.meaning === 'last-success';
    }
  };

  const play = async (step: Step): Promise<void> => {
    switch (step.kind) {
      case 'poll':
        for (const party of partyAt(step.who)) await exchange(party, step);
        break;
      case 'append':
        return rig.put(step.count);
      case 'update':
        return rig.change(step.alert);
      case 'notice':
        return rig.noticeFor(`c${step.who}`);
      case 'late':
        for (const party of parties)
          for (const one of party.tries) if (one.outcome === 'open') await tell(party, one, step.told);
        break;
      case 'url':
        for (const party of partyAt(step.who)) party.updates = !party.updates;
        break;
      case 'full':
        faults.isFull = step.isFull;
        break;
      case 'unreadable':
        for (const party of partyAt(step.who)) await askInVain(party);
        break;
      case 'restart':
        return restart();
      case 'set-clock':
        setClock(step.byMs);
        break;
    }
  };

  /** Nothing goes wrong any more: in the end the connector has everything but what it may do without. */
  const calmDown = async (party: Party, who: number): Promise<void> => {
    const { name, processed, lost, skipped, passedOver } = party;
    const told = party.keepAlive ? 'sent' : 'closed';
    let isEmpty = false;
    for (let poll = 0; poll < QUIET_POLLS && !isEmpty; poll += 1) {
      const waitMs = poll % 6 === 5 ? 11 * MINUTE : MINUTE;
      isEmpty = await exchange(party, { who, waitMs, got: 'processed', told, retry: null, limit: null });
    }
    if (!isEmpty) wrong.push(`${name} is stuck`);
    const all = await seqsFor(rig.store, name, true);
    const missing = all.filter((seq) => !processed.has(seq) && !lost.has(seq) && !skipped.has(seq));
    if (missing.length > 0) wrong.push(`${name} never got ${missing.join()}`);
    await bridge.positions.flush();
    const lines = (await rig.store.audit(1000)).filter(({ action }) => action === 'passed-over');
    const audited = lines.filter(({ details }) => details['connector'] === name).map(({ details }) => details['seq']);
    for (const seq of passedOver)
      if (!audited.includes(seq)) wrong.push(`${name}: no audit line for ${seq}, which was passed over`);
  };

  for (const step of steps) await play(step);
  faults.isFull = false;
  for (const [who, party] of parties.entries()) await calmDown(party, who);
  return wrong;
}

interface Faults {
  isFull: boolean;
  isUnreadable: boolean;
}

function faulty(store: DetectionStore, faults: Faults): DetectionStore {
  const fail = (code: string) =>
    Promise.reject(new BridgeError({ code, kind: 'operator', message: 'a fault of the test', hint: 'wait' }));
  return {
    ...store,
    savePosition: (...wanted) => (faults.isFull ? fail('STORE_FULL') : store.savePosition(...wanted)),
    addAudit: (line) => (faults.isFull ? fail('STORE_FULL') : store.addAudit(line)),
    readPage: (wish) => (faults.isUnreadable ? fail('STORE_DAMAGED') : store.readPage(wish)),
  };
}

function createBridge(
  { store, clock }: DeliveryRig,
  emit: (event: BridgeEvent) => void,
): { readonly delivery: Delivery; readonly positions: PositionKeeper } {
  const positions = createPositionKeeper({ store, clock, emit });
  return { positions, delivery: createDelivery({ store, clock, emit, positions }) };
}

/** Everything that is stored for a connector. */
async function seqsFor(store: DetectionStore, connector: string, updates: boolean): Promise<readonly number[]> {
  const limits = { maxEvents: 10_000, maxBytes: 1e9 };
  const audience = { connector, updates, cutOver: null };
  const stamp = { kind: 'stored' } as const;
  const page = await store.readPage({ feed: 'default', after: 0, upTo: null, limits, audience, stamp });
  return seqsIn(page.body);
}

function seqsIn(body: Buffer): readonly number[] {
  const parsed: unknown = JSON.parse(body.toString());
  if (!Array.isArray(parsed)) throw new Error('no array');
  return parsed.map((event: unknown) => {
    const isEvent = typeof event === 'object' && event !== null && 'FeedSeq' in event;
    if (!isEvent || typeof event.FeedSeq !== 'number') throw new Error('an event without FeedSeq');
    return event.FeedSeq;
  });
}

function byStamp(one: Answer, other: Answer): number {
  return (one.attempt?.stampMs ?? 0) - (other.attempt?.stampMs ?? 0);
}

/** What was kept in memory is written by the poll of anybody. */
function withoutRevision(position: Position | null): unknown {
  return position && { ...position, revision: 0 };
}
