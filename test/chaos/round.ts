import { setTimeout as sleep } from 'node:timers/promises';
import { TIME_MODES, type TimeMode } from '../../src/connector/connector-time.ts';
import type { ParserDefinition } from '../../src/connector/interpreter/parser-definition.ts';
import type { PollResult } from '../../src/connector/poll-result.ts';
import { promiseOf } from './cells.ts';
import { type Connector, createConnector, type PollEnd } from './connector.ts';
import { drain } from './drain.ts';
import { judgeRound, type RoundResult } from './judge-round.ts';
import { startBufferingProxy } from './paths/buffering-proxy.ts';
import { directPath } from './paths/direct.ts';
import type { Exchange } from './paths/exchange.ts';
import type { Path, PathName, PathOptions } from './paths/path.ts';
import { startRetryingProxy } from './paths/retrying-proxy.ts';
import { startSlowLine } from './paths/slow-line.ts';
import type { Plan, Step, Trouble } from './plan.ts';
import { CONNECTORS, createRig, type Rig, SECRET } from './rig.ts';
import { createTally, type Tally } from './tally.ts';
import { createWitness, type Witness } from './witness.ts';

export interface RoundTools {
  /** Those that are open, so that they can be closed when the run is broken off. */
  readonly open: Set<Rig>;
  /** Told of every poll. */
  readonly trace: (line: string) => void;
  readonly entryFile: string;
  readonly parser: ParserDefinition;
}

/** A connector, its way to the bridge, and who watches both. */
export interface Party {
  readonly connector: Connector;
  readonly path: Path;
  readonly witness: Witness;
  readonly tally: Tally;
}

const START_PATH: Readonly<Record<PathName, (options: PathOptions) => Promise<Path>>> = {
  direct: (options) => Promise.resolve(directPath(options)),
  buffering: startBufferingProxy,
  retrying: startRetryingProxy,
  slow: startSlowLine,
};

/** One round: fresh bridge and store, the plan's troubles, the drain, the reckoning. */
export async function runRound(plan: Plan, tools: RoundTools): Promise<RoundResult> {
  const began = performance.now();
  const rig = await createRig({ entryFile: tools.entryFile, world: plan });
  tools.open.add(rig);
  const closing: (() => Promise<void> | void)[] = [() => rig.close(), () => void tools.open.delete(rig)];
  try {
    await rig.bridge.start();
    const meet = async (role: Role): Promise<Party> => {
      const party = await createParty(rig, plan, tools, role);
      closing.push(
        () => party.path.close(),
        () => {
          party.connector.close();
        },
      );
      return party;
    };
    const { cell, mode, indigestible } = plan;
    const tested = await meet({ path: cell.path, user: CONNECTORS.tested, mode, indigestible });
    const newest = TIME_MODES['newest-event'];
    const bystander = await meet({ path: 'direct', user: CONNECTORS.bystander, mode: newest, indigestible: null });
    const stage = createStage(rig, [tested, bystander], tools.trace);
    for (const step of plan.steps) await playStep(opening(step, plan, tested), stage, tested, bystander);
    const drained = await drain(stage, [tested, bystander]);
    const stopMs = await rig.bridge.stop();
    return judgeRound({
      plan,
      rig,
      tested,
      bystander,
      drained,
      stopMs,
      durationMs: performance.now() - began,
      ...stage.counts,
    });
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

interface Role {
  readonly path: PathName;
  readonly user: string;
  readonly mode: TimeMode;
  readonly indigestible: number | null;
}

async function createParty(
  rig: Rig,
  plan: Plan,
  { parser }: RoundTools,
  { path: name, user, mode, indigestible }: Role,
): Promise<Party> {
  const ca = rig.ca();
  const path = await START_PATH[name]({ bridge: { port: rig.port, ca }, bridgeNow: () => rig.time.bridgeNow() });
  const connector = createConnector({
    url: `${path.origin}/v1/feeds/default/detections?since=$START_AT_TIME`,
    ca,
    login: { user, password: SECRET },
    parser,
    mode,
    clock: rig.time.clock,
    keepAlive: plan.keepAlive,
    indigestible,
  });
  return { connector, path, witness: createWitness(), tally: createTally() };
}

/** What happens to the bridge, told to everybody who watches. */
export interface Stage {
  readonly rig: Rig;
  /** The connector that is tested, then the bystander. */
  readonly parties: readonly Party[];
  readonly trace: (line: string) => void;
  readonly counts: { kills: number; stops: number; refusedStarts: number };
  end(how: 'kill' | 'stop'): Promise<void>;
  /** Starts it again; where it refuses because its disk is full, makes room first. */
  start(): Promise<void>;
  fillDisk(): void;
  emptyDisk(): void;
}

function createStage(rig: Rig, parties: readonly Party[], trace: Stage['trace']): Stage {
  const counts = { kills: 0, stops: 0, refusedStarts: 0 };
  const emptyDisk = (): void => {
    rig.disk.empty();
    for (const { witness } of parties) witness.model.writable();
  };
  return {
    rig,
    parties,
    trace,
    counts,
    async end(how) {
      await (how === 'kill' ? rig.bridge.kill() : rig.bridge.stop());
      counts[how === 'kill' ? 'kills' : 'stops'] += 1;
      for (const { witness } of parties) witness.bridgeEnded(performance.now());
    },
    async start() {
      try {
        await rig.bridge.start();
      } catch {
        counts.refusedStarts += 1;
        emptyDisk();
        await rig.bridge.start();
      }
    },
    fillDisk() {
      if (rig.disk.unlimited !== null) return;
      for (const { witness } of parties) witness.model.unwritable();
      rig.disk.fill();
    },
    emptyDisk,
  };
}

/** Pages after which the bridge has to know what a connector's time is. */
const KNOWN_AFTER_PAGES = 2;

/**
 * A time that the bridge does not know yet could be one that never moves; a page that was taken twice without proof then
 * counts as delivered (docs/delivery.md, *clean repeat*). So until it is known, nothing goes wrong twice in a row where
 * everything that is processed is promised.
 */
function opening(step: Step, { cell }: Plan, { tally }: Party): Step {
  const isOpening = promiseOf(cell) === 'processed' && tally.pages < KNOWN_AFTER_PAGES;
  return isOpening && tally.lastWentWrong ? { ...step, trouble: { kind: 'none' } } : step;
}

async function playStep(step: Step, stage: Stage, tested: Party, bystander: Party): Promise<void> {
  await stage.rig.pass(step.passMs);
  await before(step.trouble, stage, tested);
  if (step.bystander) await pollOnce(stage, bystander, { kind: 'none' });
  await pollOnce(stage, tested, step.trouble);
}

/** What happens between two polls. */
async function before(trouble: Trouble, stage: Stage, { connector, path }: Party): Promise<void> {
  switch (trouble.kind) {
    case 'kill-idle':
      await stage.end('kill');
      await stage.start();
      return;
    case 'bridge-clock':
      await stage.rig.setBridgeClock(trouble.aheadMs);
      return;
    case 'connector-clock':
      connector.setClock(trouble.byMs);
      return;
    case 'disk-full':
      stage.fillDisk();
      return;
    case 'disk-free':
      stage.emptyDisk();
      return;
    case 'microsoft':
      upsetMicrosoft(stage.rig, trouble.goesWrong);
      return;
    case 'path':
      path.upset(trouble.trouble);
      return;
    case 'none':
    case 'crash-before':
    case 'crash-after':
    case 'crash-receiving':
    case 'give-up':
    case 'kill':
    case 'stop':
    case 'pause':
      return;
  }
}

const MICROSOFT_FAULTS = [
  'throttled',
  'server-error',
  'unavailable',
  'reset-mid-body',
  'cut-json',
  'unauthorized',
  'shuffled-rows',
  'repeated-rows',
] as const;

function upsetMicrosoft({ simulator }: Rig, goesWrong: boolean): void {
  simulator.faults.clear();
  if (!goesWrong) return;
  for (const name of MICROSOFT_FAULTS) simulator.faults.probability(name, 0.08, { api: 'graph' });
}

const ENDS: Readonly<Partial<Record<Trouble['kind'], PollEnd>>> = {
  'crash-before': 'dies-before',
  'crash-receiving': 'dies-before',
};

function endOf(trouble: Trouble): PollEnd {
  if (trouble.kind === 'crash-after') return trouble.saved ? 'dies-saved' : 'dies-unsaved';
  return ENDS[trouble.kind] ?? 'processes';
}

const WHY: Readonly<Record<PollEnd, string>> = {
  processes: '',
  'dies-saved': '',
  'dies-before': 'the connector died before it processed it',
  'dies-unsaved': 'the connector died before it saved its time',
};

/** One poll, whatever happens meanwhile. */
export async function pollOnce(stage: Stage, party: Party, trouble: Trouble): Promise<PollResult> {
  const { rig } = stage;
  const { connector, path, witness, tally } = party;
  const breakOff = new AbortController();
  const sent = { sentMs: rig.time.bridgeNow(), sentAt: performance.now() };
  const known = new Set(connector.ledger.processed.keys());
  const polling = connector.poll(endOf(trouble), breakOff.signal);
  await meanwhile(trouble, stage, breakOff);
  const result = await polling;
  const end = connector.lastEnd;
  const exchanges = await path.exchanges({ result, ...sent, endedMs: rig.time.bridgeNow() });
  const gone = result.kind === 'failed' && exchanges.some(({ fate }) => fate === 'taken');
  const because = witness.follow(exchanges, gone ? 'the connector was gone when it came' : WHY[end]);
  stage.trace(
    traceLine({ party: party === stage.parties[0] ? 'tested' : 'bystander', trouble, end, result, exchanges, because }),
  );
  const from = exchanges.at(-1)?.page?.seqs[0] ?? null;
  tally.count({ result, isProcessed: end !== 'dies-before', isSaved: end !== 'dies-unsaved', from, known, because });
  return result;
}

/** What happens while the connector waits. */
async function meanwhile(trouble: Trouble, stage: Stage, breakOff: AbortController): Promise<void> {
  switch (trouble.kind) {
    case 'crash-receiving':
    case 'give-up':
      setTimeout(() => {
        breakOff.abort();
      }, trouble.afterMs);
      return;
    case 'kill':
    case 'stop':
      await sleep(trouble.afterMs);
      await stage.end(trouble.kind);
      await stage.start();
      return;
    case 'pause':
      stage.rig.bridge.pause();
      setTimeout(() => {
        breakOff.abort();
      }, trouble.afterMs);
      await sleep(trouble.ms);
      stage.rig.bridge.resume();
      return;
    case 'path':
      if (trouble.waitMs !== null)
        setTimeout(() => {
          breakOff.abort();
        }, trouble.waitMs);
      return;
    case 'none':
    case 'crash-before':
    case 'crash-after':
    case 'kill-idle':
    case 'bridge-clock':
    case 'connector-clock':
    case 'disk-full':
    case 'disk-free':
    case 'microsoft':
      return;
  }
}

interface Traced {
  readonly party: string;
  readonly trouble: Trouble;
  readonly end: PollEnd;
  readonly result: PollResult;
  readonly exchanges: readonly Exchange[];
  readonly because: string | null;
}

function traceLine({ party, trouble, end, result, exchanges, because }: Traced): string {
  const got = result.kind === 'received' ? `${result.events.length} events` : result.message;
  const seen = exchanges.map(({ page, fate, why }) => {
    const pageText =
      page === null ? 'nothing' : `${page.seqs[0] ?? 'empty'} to ${page.seqs.at(-1) ?? ''} at ${page.stampMs ?? ''}`;
    return `[${pageText} ${fate} ${why}]`;
  });
  return `${party} ${JSON.stringify(trouble)} ${end} since=${result.sinceText} ${got} ${seen.join(' ')} ${because ?? ''}`;
}
