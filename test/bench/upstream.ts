/**
 * Helper process: the simulated Microsoft with a backlog of alerts, `upstream.ts ALERTS`. Login, HTTPS and Date are the
 * simulator's own; the pages of alerts are printed once and then sent from memory, so that what is measured is the
 * bridge and not the simulator.
 */
import { systemClock } from '../../src/domain/clock.ts';
import type { Fault, SimulatorRequest } from '../../src/simulator/exchange.ts';
import { createSimulator } from '../../src/simulator/simulator.ts';
import { createWorld } from '../../src/simulator/world.ts';
import { BENCH_TENANT } from './bench-tenant.ts';

const PAGE_SIZE = 200;
const SEED = 7;

const { tenantId } = BENCH_TENANT;
const startMs = systemClock.now();
const options = { startMs, backlog: Number(process.argv[2]), live: 0, livePeriodMs: 60_000 };
const alerts = createWorld({ seed: SEED, tenantIds: [tenantId], options })
  .visibleVersions(tenantId, startMs)
  .map(({ alert, updatedAt }) => ({ alert, updatedAt: updatedAt ?? '' }))
  .toSorted((a, b) => (a.updatedAt < b.updatedAt ? -1 : a.updatedAt > b.updatedAt ? 1 : 0));
const printed = new Map<string, string>();

/** The page that begins with the first alert updated at or after `from`, of those before `to`. */
function printPage(from: string, to: string, origin: string): string {
  const [start, past] = [placeOf(from), placeOf(to)];
  const end = Math.min(start + PAGE_SIZE, past);
  const key = `${start}-${end} of ${past}`;
  const known = printed.get(key);
  if (known !== undefined) return known;
  const more = end < past ? { '@odata.nextLink': `${origin}/v1.0/security/alerts_v2?$skiptoken=${end}` } : {};
  const body = JSON.stringify({ ...more, value: alerts.slice(start, end).map(({ alert }) => alert) });
  printed.set(key, body);
  return body;
}

function placeOf(time: string): number {
  const found = alerts.findIndex(({ updatedAt }) => updatedAt >= time);
  return found < 0 ? alerts.length : found;
}

function respondWith({ path, query, origin }: SimulatorRequest): Fault | null {
  const filter = query.get('$filter') ?? '';
  const [, from, to] = /lastUpdateDateTime ge (\S+) and lastUpdateDateTime lt (\S+)/.exec(filter) ?? [];
  if (path !== '/v1.0/security/alerts_v2' || from === undefined || to === undefined) return null;
  return { status: 200, body: printPage(from, to, origin) };
}

const simulator = createSimulator({
  seed: SEED,
  clock: systemClock,
  tenants: [BENCH_TENANT],
  world: { ...options, backlog: 0 },
  respondWith,
});
const { url, caPem } = await simulator.start();
process.send?.({ url, caPem });
