import type { Counts } from './counts.ts';
import type { Discrepancy } from './judge.ts';
import type { LongRunResult } from './run.ts';

const MOST_ALERTS = 20;

export function printCounts(counts: Counts): string {
  const { requests, faults, told, outageHours } = counts;
  const all = sum(Object.values(faults));
  const asked = sum(Object.values(requests));
  const rows: readonly (readonly [string, number | string, string])[] = [
    ['alerts', counts.alerts, ''],
    ['versions made', counts.made, 'visible by the end'],
    ['versions seen', counts.seen, 'in at least one answer that a reader could take'],
    ['overwritten between reads', counts.overwritten, `${counts.lost} of them in answers that got lost`],
    ['hidden', counts.hidden, 'asked for at least twice, and shown as before each time'],
    ['too young', counts.tooYoung, 'came up after the last look back'],
    ['shown after newer ones', counts.stale, 'stale reads: not part of the truth'],
    ['records stored', counts.records, ''],
    ['events told', sum(Object.values(told)), listed(told)],
    ['events in the feed', counts.feedEvents, 'all but other changes'],
    ['turns', counts.turns, `${counts.retries} polls failed and were tried again`],
    ['look backs', counts.lookBacks, ''],
    ['requests', asked, listed(requests)],
    ['refused by limits', counts.limited, ''],
    ['faults', all, `${((100 * all) / Math.max(1, asked)).toFixed(1)} % of requests`],
    [
      'restarts',
      counts.stops + counts.kills,
      `${counts.kills} without a goodbye; ${counts.broken} in the middle of a turn`,
    ],
    ['outages', outageHours.length, `hours: ${outageHours.map((hours) => hours.toFixed(1)).join(', ')}`],
    ['poisoned for hours', counts.poisoned, `${counts.narrowed} times a page was narrowed`],
    [
      'set aside',
      counts.quarantined,
      `${counts.settled} settled, ${counts.leftInQuarantine} left: no record of its own to read again`,
    ],
    ['missing', counts.missing, ''],
    ['twice', counts.twice, ''],
    ['otherwise wrong', counts.wrong, ''],
    ['time', `${counts.simulatedHours.toFixed(1)} h`, `simulated, in ${counts.realSeconds.toFixed(0)} s`],
  ];
  const lines = rows.map(([name, value, note]) => `${name.padEnd(26)}${String(value).padStart(9)}  ${note}`.trimEnd());
  const byName = Object.entries(faults).map(([name, count]) => `  ${name.padEnd(26)}${String(count).padStart(7)}`);
  return [...lines, 'faults by name', ...byName, ''].join('\n');
}

/** Every alert that is not as it should be, with its life. */
export function printDiscrepancies({ discrepancies, history }: LongRunResult): string {
  const byAlert = new Map<string, Discrepancy[]>();
  for (const one of discrepancies) byAlert.set(one.alertId, [...(byAlert.get(one.alertId) ?? []), one]);
  const texts = [...byAlert]
    .slice(0, MOST_ALERTS)
    .flatMap(([alertId, found]) => [
      alertId === '' ? 'the run as a whole' : alertId,
      ...found.map(({ kind, what }) => `  ${kind}: ${what}`),
      ...(alertId === '' ? [] : history(alertId).map((line) => `    ${line.slice(0, 400)}`)),
    ]);
  const more = byAlert.size - MOST_ALERTS;
  return [
    ...texts,
    ...(more > 0 ? [`and ${more} more alerts: ${[...byAlert.keys()].slice(MOST_ALERTS).join(' ')}`] : []),
    '',
  ].join('\n');
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
