import { existsSync } from 'node:fs';
import { createConnectorTime, type TimeMode } from '../../src/connector/connector-time.ts';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';
import { BridgeError } from '../../src/domain/errors.ts';
import type { Position, TryOutcome } from '../../src/domain/position.ts';
import { parseSince } from '../../src/domain/since.ts';
import { type Answer, createDelivery, type Delivery, type FeedSettings } from '../../src/feed/delivery.ts';
import { createPositionKeeper, type PositionKeeper } from '../../src/feed/position-keeper.ts';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { createDeliveryRig, type DeliveryRig } from '../unit/feed/delivery-rig.ts';
import { someFeedSettings } from './feed-settings.ts';

/** A connector, and what the table of docs/delivery.md promises it. */
export interface Member {
  readonly mode: TimeMode;
  /** Its time is that of its events, but not the stamp. */
  readonly otherDate?: boolean;
  /** At least once, whatever happens to it; otherwise up to the receipt by its peer. */
  readonly isPromised: boolean;
  readonly keepAlive: boolean;
  /** How far its clock is ahead of the bridge's at the beginning. */
  readonly aheadMs: number;
}

/** What the bridge hears of the end of a sending; `cut`: all of it had left, and then the connection was reset. */
export type Told = 'sent' | 'closed' | 'cut' | 'broken' | 'open';

export interface Exchange {
  readonly who: number;
  readonly waitMs: number;
  /** What the connector got: with a proxy between, that has nothing to do with what the bridge hears. */
  readonly got: 'processed' | 'received' | 'nothing';
  readonly told: Told;
  /** A proxy repeats the request, after the first answer ended so, or at once. */
  readonly retry: { readonly told: Told; readonly atOnce: boolean } | null;
  readonly limit: number | null;
}

export type Step =
  | ({ readonly kind: 'poll' } & Exchange)
  | { readonly kind: 'append'; readonly count: number }
  | { readonly kind: 'update'; readonly alert: number }
  | { readonly kind: 'notice'; readonly who: number }
  | { readonly kind: 'late'; readonly told: Told }
  | { readonly kind: 'url'; readonly who: number }
  | { readonly kind: 'full'; readonly isFull: boolean }
  | { readonly kind: 'unreadable'; readonly who: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'set-clock'; readonly byMs: number };

export interface Plan {
  readonly members: readonly Member[];
  readonly maxEvents: number;
  readonly acknowledge: FeedSettings['acknowledge'];
  readonly steps: readonly Step[];
}

interface ModelTry {
  readonly stampMs: number;
  readonly seqs: readonly number[];
  outcome: TryOutcome;
}

/** A connector as this side knows it: what it was sent, what it processed, what it may do without. */
interface Party extends Member {
  readonly name: string;
  readonly time: ReturnType<typeof createConnectorTime>;
  readonly tries: ModelTry[];
  readonly processed: Set<number>;
  /** Acknowledged although not processed, as the table allows. */
  readonly lost: Set<number>;
  readonly passedOver: Set<number>;
  /** Updates that were stored when it asked under the old URL. */
  readonly skipped: Set<number>;
  readonly texts: Set<string>;
  updates: boolean;
  socketStampMs: number | null;
  acknowledged: number | null;
  highest: number;
  lastStampMs: number;
  isForgiven: boolean;
}

const SECOND = 1000;
const MINUTE = 60_000;
const QUIET_POLLS = 150;

/** Plays a plan; answers what went against the table, in words. */
export async function violations(plan: Plan): Promise<readonly string[]> {
  const world = await createWorld(plan);
  try {
    for (const step of plan.steps) await world.play(step);
    await world.calmDown();
    return world.found;
  } finally {
    await world.close();
  }
}

async function createWorld({ members, maxEvents, acknowledge }: Plan) {
  let isFull = false;
  let isUnreadable = false;
  const failing = <Result>(fails: boolean, code: 'STORE_FULL' | 'STORE_DAMAGED', work: () => Promise<Result>) =>
    fails ? Promise.reject(new BridgeError({ code, kind: 'operator', message: 'no', hint: 'wait' })) : work();
  const rig = await createDeliveryRig(
    (store): DetectionStore => ({
      ...store,
      savePosition: (position, from) => failing(isFull, 'STORE_FULL', () => store.savePosition(position, from)),
      addAudit: (line) => failing(isFull, 'STORE_FULL', () => store.addAudit(line)),
      readPage: (wish) => failing(isUnreadable, 'STORE_DAMAGED', () => store.readPage(wish)),
    }),
    existsSync(MEMORY) ? MEMORY : undefined,
  );
  const settings = someFeedSettings({ acknowledge, limits: { maxEvents, maxBytes: 1e6 } });
  const startMs = rig.clock.now();
  const parties = members.map((member, at) => createParty(member, `c${at}`, rig, startMs));
  const found: string[] = [];
  let events: BridgeEvent[] = [];
  let bridge = createBridge(rig, (event) => events.push(event));

  const seqsFor = async ({ name, updates }: Pick<Party, 'name' | 'updates'>): Promise<readonly number[]> => {
    const audience = { connector: name, updates, cutOver: null };
    const limits = { maxEvents: 10_000, maxBytes: 1e9 };
    const wish = { feed: 'default', after: 0, upTo: null, limits, audience, stamp: { kind: 'stored' } as const };
    return seqsIn((await rig.store.readPage(wish)).body);
  };
  const positionOf = (name: string) => bridge.positions.get(name, 'default');

  /** Something happens to one connector: what is acknowledged by it, and that nobody else notices. */
  const watched = async <Result>(party: Party, work: () => Promise<Result>): Promise<Result> => {
    const others = parties.filter((other) => other !== party);
    const before = await Promise.all(others.map(({ name }) => positionOf(name)));
    events = [];
    const result = await work();
    const after = await Promise.all(others.map(({ name }) => positionOf(name)));
    if (JSON.stringify(before.map(plain)) !== JSON.stringify(after.map(plain)))
      found.push(`${party.name} moved the position of another connector`);
    await checkAcknowledged(party);
    return result;
  };

  const checkAcknowledged = async (party: Party): Promise<void> => {
    const { name } = party;
    const now = (await positionOf(name))?.acknowledged ?? null;
    const before = party.acknowledged ?? now ?? 0;
    party.acknowledged = now;
    if (now === null) return;
    const passed = events.flatMap((event) => (event.name === 'eventPassedOver' ? [event.seq] : []));
    const isRepeat = events.some((event) => event.name === 'pageAcknowledged' && event.by === 'repeat');
    if (passed.length > 1) found.push(`${name}: passed over ${passed.join()} at once`);
    for (const seq of passed) {
      party.passedOver.add(seq);
      const tries = party.tries.filter(({ seqs }) => seqs.includes(seq)).length;
      if (tries < 6) found.push(`${name}: passed over ${seq} after ${tries} tries`);
    }
    const all = await seqsFor({ name, updates: true });
    for (const seq of all.filter((one) => one > before && one <= now)) {
      if (party.processed.has(seq) || party.skipped.has(seq)) continue;
      const isClean = party.tries.some(
        ({ seqs, outcome }) => seqs.includes(seq) && (outcome === 'sent' || outcome === 'closed'),
      );
      const isBeginning = isRepeat && party.texts.size < 2;
      const mayBeLost = isClean && (!party.isPromised || party.isForgiven || isBeginning);
      if (mayBeLost || passed.includes(seq)) party.lost.add(seq);
      else
        found.push(
          `${name}: ${seq} is acknowledged, but not ${isClean ? 'processed' : 'handed over'}: ${JSON.stringify(events)}`,
        );
    }
  };

  const ask = async (party: Party, text: string, limit: number | null, socketStampMs: number | null) => {
    if (!party.updates) {
      const kept = new Set(await seqsFor(party));
      for (const seq of await seqsFor({ ...party, updates: true })) if (!kept.has(seq)) party.skipped.add(seq);
    }
    const since = parseSince(text);
    const { name: connector, updates } = party;
    const request = { connector, feed: settings, since, address: '10.0.0.1', updates, socketStampMs };
    return bridge.delivery.poll({ ...request, maxEvents: limit });
  };

  const noteAnswer = async (party: Party, { page, attempt }: Answer): Promise<ModelTry | null> => {
    const { name, tries } = party;
    const seqs = seqsIn(page.body);
    if (attempt === null) {
      const pending = (await seqsFor(party)).filter((seq) => seq > (party.acknowledged ?? 0));
      if (pending.length > 0 || seqs.length > 0) found.push(`${name}: [] although ${pending.join()} is pending`);
      return null;
    }
    const { stampMs } = attempt;
    if (stampMs < party.lastStampMs + SECOND) found.push(`${name}: stamp ${stampMs} after ${party.lastStampMs}`);
    party.lastStampMs = stampMs;
    for (const seq of seqs) {
      const isNew = tries.every((one) => !one.seqs.includes(seq));
      if (isNew && seq < party.highest) found.push(`${name}: ${seq} comes first after ${party.highest}`);
      party.highest = Math.max(party.highest, seq);
    }
    if (seqs.some((seq, at) => seq <= (seqs[at - 1] ?? 0))) found.push(`${name}: ${seqs.join()} in no order`);
    const one: ModelTry = { stampMs, seqs, outcome: 'open' };
    tries.push(one);
    return one;
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
    if (retry === null) return noteAnswer(party, await watched(party, () => once(socketStampMs)));
    if (!retry.atOnce) {
      await tell(party, await noteAnswer(party, await watched(party, () => once(socketStampMs))), retry.told);
      return noteAnswer(party, await watched(party, () => once(null)));
    }
    const both = await watched(party, () => Promise.all([once(socketStampMs), once(null)]));
    const inOrder = both.toSorted((a, b) => (a.attempt?.stampMs ?? 0) - (b.attempt?.stampMs ?? 0));
    const noted: (ModelTry | null)[] = [];
    for (const answer of inOrder) noted.push(await noteAnswer(party, answer));
    const [first = null, second = null] = noted;
    await tell(party, first, retry.told);
    return second;
  };

  const exchange = async (step: Exchange): Promise<boolean> => {
    const party = parties[step.who % parties.length];
    if (party === undefined) return false;
    rig.clock.step(step.waitMs);
    const { text, startedMs } = party.time.begin();
    party.texts.add(text);
    rig.clock.step(WAY_MS);
    const one = await send(party, text, step);
    if (step.got === 'processed') {
      party.time.processed({ startedMs, events: (one?.seqs ?? []).map((seq) => fieldsOf(seq, one?.stampMs ?? 0)) });
      for (const seq of one?.seqs ?? []) party.processed.add(seq);
    }
    rig.clock.step(WAY_MS);
    await tell(party, one, step.told);
    party.socketStampMs = party.keepAlive && step.told === 'sent' && one !== null ? one.stampMs : null;
    return one === null;
  };

  /** What was open or not known to have been taken when the process ended counts as broken. */
  const restart = async (): Promise<void> => {
    bridge = createBridge(rig, (event) => events.push(event));
    await rig.store.breakUnprovenTries();
    for (const party of parties) {
      party.socketStampMs = null;
      // A stamp that was never written is forgotten.
      party.lastStampMs = await rig.store.lastStamp(party.name);
      for (const one of party.tries) if (one.outcome !== 'closed') one.outcome = 'broken';
      const now = (await positionOf(party.name))?.acknowledged ?? null;
      party.acknowledged = now;
      for (const seq of [...party.lost, ...party.passedOver])
        if (seq > (now ?? 0)) for (const set of [party.lost, party.passedOver]) set.delete(seq);
    }
  };

  const late = async (told: Told): Promise<void> => {
    for (const party of parties)
      for (const one of party.tries.filter(({ outcome }) => outcome === 'open')) await tell(party, one, told);
  };

  const unreadable = async (who: number): Promise<void> => {
    const party = parties[who % parties.length];
    if (party === undefined) return;
    const { text } = party.time.begin();
    party.texts.add(text);
    const answer = await watched(party, async () => {
      isUnreadable = true;
      const given = await bridge.delivery.poll(requestOf(party, text)).catch(() => null);
      isUnreadable = false;
      return given;
    });
    if (answer !== null) found.push(`${party.name}: an answer from a store that cannot be read`);
  };
  const requestOf = ({ name: connector, updates }: Party, text: string) => ({
    connector,
    feed: settings,
    since: parseSince(text),
    address: '10.0.0.1',
    updates,
    socketStampMs: null,
    maxEvents: null,
  });

  const play = async (step: Step): Promise<void> => {
    switch (step.kind) {
      case 'poll':
        await exchange(step);
        break;
      case 'append':
        await rig.put(step.count);
        break;
      case 'update':
        await rig.change(step.alert);
        break;
      case 'notice':
        await rig.noticeFor(`c${step.who}`);
        break;
      case 'late':
        await late(step.told);
        break;
      case 'url':
        for (const party of parties) if (party.name === `c${step.who}`) party.updates = !party.updates;
        break;
      case 'full':
        isFull = step.isFull;
        break;
      case 'unreadable':
        await unreadable(step.who);
        break;
      case 'restart':
        await restart();
        break;
      case 'set-clock':
        rig.clock.step(step.byMs);
        for (const party of parties) {
          // The connectors' clocks go on as they were.
          if (step.byMs > 0) party.time.setClock(-step.byMs);
          if (party.mode.meaning === 'last-success') party.isForgiven = true;
        }
        break;
    }
  };

  /** Nothing goes wrong any more: in the end everybody has everything. */
  const calmDown = async (): Promise<void> => {
    isFull = false;
    for (const [who, party] of parties.entries()) {
      const told = party.keepAlive ? 'sent' : 'closed';
      let isEmpty = false;
      for (let poll = 0; poll < QUIET_POLLS && !isEmpty; poll += 1) {
        const waitMs = poll % 6 === 5 ? 11 * MINUTE : MINUTE;
        isEmpty = await exchange({ who, waitMs, got: 'processed', told, retry: null, limit: null });
      }
      if (!isEmpty) found.push(`${party.name} is stuck`);
      const missing = (await seqsFor({ ...party, updates: true })).filter(
        (seq) => !party.processed.has(seq) && !party.lost.has(seq) && !party.skipped.has(seq),
      );
      if (missing.length > 0) found.push(`${party.name} never got ${missing.join()}`);
    }
    await bridge.positions.flush();
    const lines = await rig.store.audit(1000);
    for (const { name, passedOver } of parties)
      for (const seq of passedOver)
        if (!lines.some(({ action, details }) => action === 'passed-over' && isAbout(details, name, seq)))
          found.push(`${name}: no line for ${seq}, which was passed over`);
  };

  return { found, play, calmDown, close: () => rig.close() };
}

/** Where there is one, files in memory: every answer writes, and waits for the disk. */
const MEMORY = '/dev/shm';
const WAY_MS = 3;
const OTHER_DATE_MS = Date.parse('2025-11-01T00:00:00Z');

const OUTCOMES = {
  sent: ['sent'],
  closed: ['closed'],
  cut: ['sent', 'broken'],
  broken: ['broken'],
  open: [],
} as const satisfies Readonly<Record<Told, readonly TryOutcome[]>>;

function createParty(member: Member, name: string, { clock }: DeliveryRig, startMs: number): Party {
  const own = { ...clock, now: () => startMs + clock.monotonic() + member.aheadMs };
  const timeField = member.otherDate === true ? 'startTime' : 'deviceReceiptTime';
  const start = { timeMs: startMs - 5 * MINUTE + 123, newestMs: null };
  return {
    ...member,
    name,
    time: createConnectorTime({ mode: member.mode, clock: own, start, timeField }),
    tries: [],
    processed: new Set(),
    lost: new Set(),
    passedOver: new Set(),
    skipped: new Set(),
    texts: new Set(),
    updates: true,
    socketStampMs: null,
    acknowledged: null,
    highest: 0,
    lastStampMs: 0,
    isForgiven: false,
  };
}

function createBridge(
  { store, clock }: DeliveryRig,
  emit: (event: BridgeEvent) => void,
): { delivery: Delivery; positions: PositionKeeper } {
  const positions = createPositionKeeper({ store, clock, emit });
  return { positions, delivery: createDelivery({ store, clock, emit, positions }) };
}

/** Some date of the event that rises and falls. */
function fieldsOf(seq: number, stampMs: number): { readonly fields: Readonly<Record<string, number>> } {
  return { fields: { deviceReceiptTime: stampMs, startTime: OTHER_DATE_MS + ((seq * 7919) % 1000) * MINUTE } };
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

/** Without the revision: what was kept in memory is written by the poll of anybody. */
function plain(position: Position | null): unknown {
  return position && { ...position, revision: 0 };
}

function isAbout(details: unknown, connector: string, seq: number): boolean {
  const found = typeof details === 'object' && details !== null && 'connector' in details && 'seq' in details;
  return found && details.connector === connector && details.seq === seq;
}
