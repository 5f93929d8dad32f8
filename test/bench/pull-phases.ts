import type { Config } from '../../src/config/config.ts';
import { normaliseAlerts } from '../../src/defender/map/graph-payload.ts';
import type { Page } from '../../src/defender/source.ts';
import type { AlertRecord, Emission } from '../../src/domain/detection.ts';
import { takeIn } from '../../src/domain/intake.ts';
import { renderEvent } from '../../src/domain/render.ts';
import { BENCH_TENANT } from './bench-tenant.ts';
import { EVER, openSource } from './open-source.ts';

/** What the parts of a pull take when each is done alone, milliseconds. */
export interface PhaseTimes {
  /** Answers over HTTPS, read and parsed, with a token that is at hand. */
  readonly fetch: number;
  readonly normalise: number;
  readonly intake: number;
  readonly render: number;
}

export async function measurePhases(config: Config): Promise<PhaseTimes> {
  const { pages, ms: fetchAndNormalise } = await fetchPages(config);
  const records = pages.flatMap((page) => page.records);
  const alerts = records.map((record): unknown => JSON.parse(record.raw));
  const normalise = timed(() => normaliseAlerts(alerts));
  const intake = timed(() => records.flatMap(emissionsOf));
  const render = timed(() => intake.result.map((emission, index) => renderOne(emission, index + 1)));
  return {
    fetch: fetchAndNormalise - normalise.ms,
    normalise: normalise.ms,
    intake: intake.ms,
    render: render.ms,
  };
}

async function fetchPages(config: Config): Promise<{ readonly pages: readonly Page[]; readonly ms: number }> {
  const { source, close } = openSource(config);
  const { signal } = new AbortController();
  await source.serverNow(signal);
  const started = performance.now();
  const pages: Page[] = [];
  for await (const page of source.pages(EVER, signal)) pages.push(page);
  const ms = performance.now() - started;
  await close();
  return { pages, ms };
}

function emissionsOf(record: AlertRecord): readonly Emission[] {
  const { tenantId } = BENCH_TENANT;
  const intake = takeIn(null, record, { tenantId, source: 'graph-alerts', sources: ['graph-alerts'] });
  return 'emissions' in intake ? intake.emissions : [];
}

function renderOne(emission: Emission, feedSeq: number): string {
  const { tenantId, name } = BENCH_TENANT;
  return renderEvent({ emission, tenantId, tenantName: name, feedSeq, storedMs: 1_800_000_000_000 }).text;
}

function timed<Result>(work: () => Result): { readonly result: Result; readonly ms: number } {
  const started = performance.now();
  const result = work();
  return { result, ms: performance.now() - started };
}
