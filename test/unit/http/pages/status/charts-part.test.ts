import { describe, expect, it } from 'vitest';
import { htmlText } from '../../../../../src/http/pages/html.ts';
import { chartsPart } from '../../../../../src/http/pages/status/charts-part.ts';
import { measureRange, readRange } from '../../../../../src/http/pages/status/range.ts';
import type { Measure } from '../../../../../src/store/measures.ts';

const NOW = Date.parse('2026-02-01T10:07:30Z');
const MINUTE = 60_000;

function aMeasure(time: string, changes: Partial<Measure> = {}): Measure {
  return {
    fromMs: Date.parse(`2026-02-01T${time}:00Z`),
    alerts: 0,
    delivered: 0,
    arrivals: { count: 0, sumMs: 0, maxMs: 0 },
    ...changes,
  };
}

function drawn(measures: readonly Measure[], range: 'hour' | 'day' | 'week' = 'hour'): string {
  return htmlText(chartsPart(measures, range, NOW));
}

describe('the range of the charts', () => {
  it.each([
    ['hour', '2026-02-01T09:08:00.000Z', '2026-02-01T10:08:00.000Z', 60],
    ['day', '2026-01-31T10:15:00.000Z', '2026-02-01T10:15:00.000Z', 96],
    ['week', '2026-01-25T11:00:00.000Z', '2026-02-01T11:00:00.000Z', 168],
  ] as const)('of a %s goes in whole steps to the end of the present one', (range, from, to, steps) => {
    const { fromMs, toMs, stepMs } = measureRange(range, NOW);
    expect([new Date(fromMs).toISOString(), new Date(toMs).toISOString(), (toMs - fromMs) / stepMs]).toEqual([
      from,
      to,
      steps,
    ]);
  });

  it('is an hour where the query says nothing that is known', () => {
    expect([readRange(undefined), readRange('year'), readRange('week')]).toEqual(['hour', 'hour', 'week']);
  });
});

describe('the charts', () => {
  it('draw a bar at its minute, as high as its share of the axis', () => {
    const text = drawn([aMeasure('09:08', { alerts: 4 }), aMeasure('10:07', { alerts: 1 })]);
    expect(text).toContain('d="M0.1 100v-100h0.8V100zM59.1 100v-25h0.8V100z"');
    expect(text).toContain('<span>4</span><span>2</span><span>0</span>');
    expect(text).toContain('<span>09:08</span><span>09:38</span><span>10:08</span>');
  });

  it('say in words what there is to see, with units on the axes', () => {
    const measures = [
      aMeasure('09:30', { alerts: 2, delivered: 3, arrivals: { count: 2, sumMs: 60_000, maxMs: 50_000 } }),
      aMeasure('09:40', { alerts: 1, delivered: 1, arrivals: { count: 1, sumMs: 240_000, maxMs: 240_000 } }),
    ];
    const text = drawn(measures);
    expect(text).toContain('3 alerts new or changed in the last hour.');
    expect(text).toContain('4 events acknowledged in the last hour.');
    expect(text).toContain('1.7 min on average, 4 min at most.');
    expect(text).toContain('delay by the minute');
    expect(text).toContain('<span>4 min</span><span>2 min</span><span>0</span>');
    expect(text).toMatch(/<svg role="img" aria-labelledby="chart-delay-title chart-delay-summary"/);
  });

  it('have their numbers as a table, newest first', () => {
    const arrivals = { count: 2, sumMs: 60_000, maxMs: 50_000 };
    const rows = drawn([aMeasure('09:30', { alerts: 2, arrivals }), aMeasure('09:45', { delivered: 1200 })]);
    expect(rows.slice(rows.indexOf('<tbody>'), rows.indexOf('</tbody>'))).toBe(
      '<tbody><tr><th scope="row">2026-02-01 09:45</th><td>0</td><td>1\u202f200</td><td>-</td><td>-</td></tr>' +
        '<tr><th scope="row">2026-02-01 09:30</th><td>2</td><td>0</td><td>30 s</td><td>50 s</td></tr>',
    );
  });

  it('are drawn of nothing, and leave out what is outside of the range', () => {
    const text = drawn([aMeasure('08:00', { alerts: 7 })]);
    expect(text).toContain('0 alerts new or changed in the last hour.');
    expect(text).toContain('No new alert arrived in the last hour.');
    expect(text).toContain('Nothing happened in this time.');
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('mark the range that is shown, and have no style in a tag', () => {
    const text = drawn([], 'week');
    expect(text).toContain('href="/status?range=week" aria-current="true"');
    expect(text).toContain('href="/status?range=day" aria-current="false"');
    expect(text).not.toContain('style=');
  });

  it('stay within their frame for the largest values', () => {
    const measures = Array.from({ length: 60 }, (_none, index) => ({
      ...aMeasure('09:08', {
        alerts: 999_999_999,
        arrivals: { count: 1, sumMs: 40 * 86_400_000, maxMs: 40 * 86_400_000 },
      }),
      fromMs: Date.parse('2026-02-01T09:08:00Z') + index * MINUTE,
    }));
    const heights = [...drawn(measures).matchAll(/100v-([\d.]+)h/g)].map(([, height]) => Number(height));
    expect(heights.length).toBe(180);
    expect(Math.max(...heights)).toBeLessThanOrEqual(100);
  });
});
