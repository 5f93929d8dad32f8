/**
 * Helper process: the old SIEM API with one large array, `siem-upstream.ts MEGABYTES`. Login is the simulator's; the array
 * is printed once and sent in chunks from memory, so that what is measured is the reader.
 */
import { createServer } from 'node:https';
import { Readable } from 'node:stream';
import { systemClock } from '../../src/domain/clock.ts';
import { type Instant, instantFromMs, parseInstant } from '../../src/domain/instant.ts';
import { toSiemRecord } from '../../src/simulator/apis/siem-record.ts';
import { createCertificates } from '../../src/simulator/listeners/certificates.ts';
import { createSimulator } from '../../src/simulator/simulator.ts';
import { toSiemDetections } from '../../src/simulator/world/siem-detection.ts';
import { createWorld } from '../../src/simulator/world.ts';
import { BENCH_TENANT } from './bench-tenant.ts';

const SEED = 7;
const PATTERN_ALERTS = 1000;
/** Without the simulator's hostile texts, which are far longer and would make the detections few. */
const LONGEST_PATTERN = 4000;
const STEP_MS = 2000;
const CHUNK_BYTES = 16_384;
const HOUR_MS = 3_600_000;

const { tenantId } = BENCH_TENANT;
const startMs = systemClock.now();
const world = { startMs, backlog: PATTERN_ALERTS, live: 0, livePeriodMs: HOUR_MS };
const firstMs = startMs - 20 * HOUR_MS;
const printed = printDetections(Number(process.argv[2]) * 1e6);
const list = Buffer.from(`[${printed.join(',')}]`);
const chunks = Array.from({ length: Math.ceil(list.length / CHUNK_BYTES) }, (_, index) =>
  list.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
);

/** Detections of the simulated world again and again, each time of other alerts. */
function printDetections(bytes: number): readonly string[] {
  const patterns = toSiemDetections(
    createWorld({ seed: SEED, tenantIds: [tenantId], options: world }).versions(tenantId),
  )
    .map((detection) => toSiemRecord(detection, {}))
    .filter((record) => JSON.stringify(record).length <= LONGEST_PATTERN);
  const texts: string[] = [];
  for (let left = bytes; left > 0; ) {
    const round = Math.floor(texts.length / patterns.length);
    const { AlertId: alertId, FullId: fullId, ...record } = patterns[texts.length % patterns.length] ?? {};
    const LastProcessedTimeUtc = instantFromMs(firstMs + texts.length * STEP_MS);
    const ids = { AlertId: `${round}-${String(alertId)}`, FullId: `${round}-${String(fullId)}` };
    const text = JSON.stringify({ ...ids, ...record, LastProcessedTimeUtc });
    texts.push(text);
    left -= text.length + 1;
  }
  return texts;
}

/** Whether the window reaches from the first detection to the last. Any other, and a probe, gets an empty list. */
function isAsked(url: string): boolean {
  const { searchParams } = new URL(url, 'https://localhost');
  const [since, until] = ['sinceTimeUtc', 'untilTimeUtc'].map((name) => parseInstant(searchParams.get(name) ?? ''));
  const [first, last] = [0, printed.length - 1].map((index): Instant => instantFromMs(firstMs + index * STEP_MS));
  if (since == null || until == null || first === undefined || last === undefined) return false;
  return since <= first && until > last;
}

const { server: own, caPem } = await createCertificates();
const server = createServer({ cert: own.certificatePem, key: own.privateKeyPem }, ({ url = '/' }, response) => {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  Readable.from(isAsked(url) ? chunks : ['[]']).pipe(response);
});
const login = createSimulator({
  seed: SEED,
  clock: systemClock,
  tenants: [BENCH_TENANT],
  world: { ...world, backlog: 0 },
});
const microsoft = await login.start();
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.send?.({
    url: microsoft.url,
    siemUrl: `https://127.0.0.1:${port}`,
    caPem: `${microsoft.caPem}\n${caPem}`,
    bytes: String(list.length),
    detections: String(printed.length),
  });
});
