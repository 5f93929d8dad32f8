import { TENANT } from './rig.ts';
import { type Party, pollOnce, type Stage } from './round.ts';

export interface Drained {
  /** Up to when Microsoft's alerts have to be stored. */
  readonly truthMs: number;
  /** What did not come to an end; empty when all did. */
  readonly problems: readonly string[];
}

const MOST_POLLS = 600;
const MINUTE_MS = 60_000;
/** Between two polls; a connector that dies of an event waits longer, so that the ten minutes of *forced* pass. */
const SHORT_MS = 5_000;
const LONG_MS = 3 * MINUTE_MS;
/** Two polls of the bridge after all was visible: the first may have begun before. */
const POLLS_OF_BRIDGE = 2;
const TICK_LIMIT_MS = 2_500;
const MOST_TICKS = 40;
/** An answer is empty twice before all is taken for delivered. */
const EMPTY_ANSWERS = 2;

/** No more troubles: everything that Microsoft has is collected, and everybody polls until nothing is left. */
export async function drain(stage: Stage, parties: readonly Party[]): Promise<Drained> {
  const { rig } = stage;
  rig.simulator.faults.clear();
  stage.emptyDisk();
  rig.bridge.resume();
  if (!rig.bridge.isRunning()) await stage.start();
  const lastMs = Math.max(...rig.simulator.world.versions(TENANT).map(({ visibleAtMs }) => visibleAtMs));
  const soonMs = rig.time.clock.now() + 30 * MINUTE_MS;
  const truthMs = Math.min(lastMs, soonMs);
  await rig.pass(Math.max(0, truthMs - rig.time.clock.now()) + 1_000);
  rig.holdMicrosoft();
  const problems: string[] = [];
  if (!(await collect(stage))) problems.push('the bridge did not finish a poll of Microsoft');
  for (const party of parties) {
    if (!(await empty(stage, party))) problems.push(`after ${MOST_POLLS} polls answers were not empty yet`);
  }
  return { truthMs, problems };
}

async function collect({ rig }: Stage): Promise<boolean> {
  const wanted = rig.bridge.count('pollFinished') + POLLS_OF_BRIDGE;
  for (let tick = 0; tick < MOST_TICKS; tick += 1) {
    await rig.bridge.untilTold('pollFinished', rig.bridge.count('pollFinished') + 1, TICK_LIMIT_MS);
    if (rig.bridge.count('pollFinished') >= wanted) return true;
    // It may be waiting after a failure.
    if (tick > 1) await rig.pass(10 * MINUTE_MS);
  }
  return false;
}

async function empty(stage: Stage, party: Party): Promise<boolean> {
  let left = EMPTY_ANSWERS;
  for (let poll = 0; poll < MOST_POLLS; poll += 1) {
    await stage.rig.pass(party.tally.lastWentWrong ? LONG_MS : SHORT_MS);
    const result = await pollOnce(stage, party, { kind: 'none' });
    if (result.kind === 'received') left = result.events.length === 0 ? left - 1 : EMPTY_ANSWERS;
    if (left === 0) return true;
  }
  return false;
}
