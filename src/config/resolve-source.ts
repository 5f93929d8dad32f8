import type { Static } from 'typebox';
import type { SourceConfig } from './config.ts';
import type { ConfigPath } from './config-path.ts';
import { durationMs } from './quantity.ts';
import type { Report } from './report.ts';
import type { SourceSchema } from './tenant-schema.ts';

type SourceSettings = Static<typeof SourceSchema>;

const SHORTEST_SLICE_MS = 60_000;
const LONGEST_SLICE_MS = 86_400_000;

export function resolveSource(report: Report, at: ConfigPath, settings: SourceSettings): SourceConfig {
  const { api, schedule, budget } = settings;
  const overlapMs = durationMs(settings.overlap);
  const settleMs = durationMs(settings.settle);
  const sliceMs = durationMs(settings.slice);
  if (api === 'siem-detections') warnOfRetirement(report, at);
  if (sliceMs < SHORTEST_SLICE_MS || sliceMs > LONGEST_SLICE_MS)
    report.problem([...at, 'slice'], `must be from 1m to 24h, not ${settings.slice}`, 'Leave it out to get 1h.');
  if (settleMs > 0 && settleMs >= overlapMs)
    report.warning(
      [...at, 'settle'],
      `${settings.settle} is not shorter than overlap (${settings.overlap}): every event is that late, and little of it is read twice`,
      'Lower settle, or raise overlap.',
    );
  return {
    api,
    schedule,
    overlapMs,
    settleMs,
    initialLookbackMs: durationMs(settings.initialLookback),
    sliceMs,
    rescan: resolveRescan(report, [...at, 'rescan'], settings),
    budgetPages: budget,
  };
}

function resolveRescan(report: Report, at: ConfigPath, { rescan, overlap }: SourceSettings): SourceConfig['rescan'] {
  if (rescan === 'off') {
    report.warning(
      at,
      `is off, so a record that Microsoft shows more than ${overlap} (the overlap) after its update is never read`,
      'Remove rescan: off; the look back costs a few requests an hour.',
    );
    return null;
  }
  const everyMs = durationMs(rescan.every);
  const reachMs = durationMs(rescan.reach);
  if (reachMs < durationMs(overlap))
    report.problem(
      [...at, 'reach'],
      `${rescan.reach} is less than overlap (${overlap}), which every poll reads anyway`,
      'Raise reach, or write rescan: off.',
    );
  if (everyMs === 0) report.problem([...at, 'every'], 'must be more than 0', 'Write rescan: off for no look back.');
  if (everyMs > reachMs)
    report.warning(
      [...at, 'every'],
      `${rescan.every} is more than reach (${rescan.reach}): what shows up late in between is never read`,
      'Lower every, or raise reach.',
    );
  return { everyMs, reachMs };
}

/** Dates: defender-api 2. */
function warnOfRetirement(report: Report, at: ConfigPath): void {
  report.warning(
    [...at, 'api'],
    'siem-detections is the retired SIEM API: closed to new customers since 25 November 2021, deprecated on 31 December 2023, and since 31 December 2024 Microsoft may switch it off without notice',
    'Poll graph-alerts, which Microsoft recommends in its place, or defender-alerts, beside it or instead of it.',
  );
}
