import type { SourceName } from '../../src/domain/detection.ts';
import type { Random } from '../../src/simulator/random.ts';
import type { ServedList } from '../../src/simulator/served-versions.ts';
import { CONTOSO, type CollectionRig, createCollectionRig } from '../support/collection-rig.ts';

const HOUR_MS = 3_600_000;
/** Simulated time that a request takes. */
const REQUEST_MS = [50, 1_500] as const;
/** Far more than any page has, far less than the program would take. */
const MOST_BYTES = 16_000_000;

export interface HardRigOptions {
  readonly seed: number;
  readonly random: Random;
  readonly apis: readonly SourceName[];
  readonly alerts: number;
  /** Real time, for one answer: how long a request that hangs costs. */
  readonly requestTimeoutMs: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly isOut: (nowMs: number) => boolean;
  readonly onServed: (list: ServedList) => void;
  /** Before each request, the login's included. */
  readonly onRequest: () => void;
}

/** Everything between Microsoft and the store, in the hardest world that the simulator has. */
export async function createHardRig(options: HardRigOptions): Promise<CollectionRig> {
  const { seed, random, apis, alerts, requestTimeoutMs, startMs, endMs, isOut, onServed, onRequest } = options;
  const backlog = Math.floor(alerts / 20);
  const rig = await createCollectionRig({
    seed,
    start: new Date(startMs).toISOString(),
    tenants: [{ ...CONTOSO, apis }],
    requestTimeoutMs,
    maxAnswerBytes: MOST_BYTES,
    random: () => random.next(),
    // In long slices there are more pages, and full ones.
    source: seed % 2 === 1 ? '' : 'slice: 6h',
    world: {
      startMs,
      backlog,
      live: alerts - backlog,
      livePeriodMs: (endMs - startMs) / (alerts - backlog),
      late: { share: 0.02, fromMs: HOUR_MS, toMs: 6 * HOUR_MS },
      flips: 0.03,
      largeEvery: 200,
      shuffledEvidence: true,
      enrichedAfterMs: 2 * HOUR_MS,
      staleReads: 0.01,
    },
    simulator: {
      paging: seed % 2 === 1 ? 'live' : 'stable',
      siem: { absent: 'mixed', spelling: 'mixed' },
      rateLimits: true,
      faultTimes: { largeRecordBytes: MOST_BYTES },
      onServed,
      respondWith: () => {
        rig.clock.step(random.integer(...REQUEST_MS));
        onRequest();
        return isOut(rig.clock.now()) ? { status: 503 } : null;
      },
    },
  });
  return rig;
}
