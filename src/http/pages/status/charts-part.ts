import { moment } from '../../../domain/time-words.ts';
import type { Measure } from '../../../store/measures.ts';
import { type Html, html } from '../html.ts';
import { counted, duration, number } from '../moment.ts';
import { type Chart, chart } from './chart.ts';
import { measureRange, RANGES, type Range, stepWords } from './range.ts';
import { axisEnd, timeAxisEnd } from './scale.ts';

/** How much came, went, and how late it was. */
export function chartsPart(measures: readonly Measure[], range: Range, nowMs: number): Html {
  const { fromMs, toMs, stepMs } = measureRange(range, nowMs);
  const seen = measures.filter((one) => one.fromMs >= fromMs && one.fromMs < toMs);
  const at = ({ fromMs: startMs }: Measure): number => Math.floor((startMs - fromMs) / stepMs);
  const frame = {
    steps: (toMs - fromMs) / stepMs,
    times: [timeWords(fromMs, range), timeWords((fromMs + toMs) / 2, range), timeWords(toMs, range)],
  } as const;
  return html`${rangeLinks(range)}
<div class="charts">${chart({ ...frame, ...amountChart('alerts', seen, at, range) })}${chart({ ...frame, ...amountChart('delivered', seen, at, range) })}${chart({ ...frame, ...delayChart(seen, at, range) })}</div>
${table(seen, range)}`;
}

function rangeLinks(range: Range): Html {
  const links = RANGES.map(
    (one) =>
      html`<a id="range-${one}" href="/status?range=${one}" aria-current="${one === range ? 'true' : 'false'}">${one}</a>`,
  );
  return html`<p class="ranges" id="ranges"><span>Last</span>${links}<span class="faint">times are UTC</span></p>`;
}

type Drawn = Omit<Chart, 'steps' | 'times'>;
type At = (measure: Measure) => number;

const AMOUNTS = {
  alerts: { id: 'chart-alerts', title: 'Alerts pulled from Microsoft', noun: 'alert', words: 'new or changed' },
  delivered: { id: 'chart-delivered', title: 'Events delivered to ArcSight', noun: 'event', words: 'acknowledged' },
} as const;

function amountChart(what: 'alerts' | 'delivered', measures: readonly Measure[], at: At, range: Range): Drawn {
  const { id, title, noun, words } = AMOUNTS[what];
  const total = measures.reduce((sum, one) => sum + one[what], 0);
  return {
    id,
    title,
    summary: `${counted(total, noun)} ${words} in the last ${range}.`,
    axis: `${noun}s by the ${stepWords(range)}`,
    top: axisEnd(Math.max(0, ...measures.map((one) => one[what]))),
    label: (value) => number(value),
    series: [{ name: title, look: 'full', values: new Map(measures.map((one) => [at(one), one[what]])) }],
  };
}

/** From Microsoft's last update of an alert to its storing here; alerts stored for the first time only. */
function delayChart(measures: readonly Measure[], at: At, range: Range): Drawn {
  const arrived = measures.filter(({ arrivals }) => arrivals.count > 0);
  const count = arrived.reduce((sum, { arrivals }) => sum + arrivals.count, 0);
  const sumMs = arrived.reduce((sum, { arrivals }) => sum + arrivals.sumMs, 0);
  const maxMs = Math.max(0, ...arrived.map(({ arrivals }) => arrivals.maxMs));
  return {
    id: 'chart-delay',
    title: 'Delay of arrival',
    summary:
      count === 0
        ? `No new alert arrived in the last ${range}.`
        : `From Microsoft's last update to the bridge: ${duration(sumMs / count)} on average, ${duration(maxMs)} at most.`,
    axis: `delay by the ${stepWords(range)}`,
    top: timeAxisEnd(maxMs),
    label: duration,
    series: [
      { name: 'maximum', look: 'pale', values: new Map(arrived.map((one) => [at(one), one.arrivals.maxMs])) },
      { name: 'average', look: 'full', values: new Map(arrived.map((one) => [at(one), average(one)])) },
    ],
  };
}

function average({ arrivals: { count, sumMs } }: Measure): number {
  return count === 0 ? 0 : sumMs / count;
}

/** Stretches in which nothing happened are left out. */
function table(measures: readonly Measure[], range: Range): Html {
  const rows = measures.toReversed().map((one) => {
    const { count, maxMs } = one.arrivals;
    const delays = count === 0 ? ['-', '-'] : [duration(average(one)), duration(maxMs)];
    return html`<tr><th scope="row">${moment(one.fromMs).slice(0, 16).replace('T', ' ')}</th><td>${number(one.alerts)}</td><td>${number(one.delivered)}</td>${delays.map((delay) => html`<td>${delay}</td>`)}</tr>`;
  });
  const body =
    rows.length === 0
      ? html`<p>Nothing happened in this time.</p>`
      : html`<table class="numbers"><thead><tr><th scope="col">From (UTC)</th><th scope="col">Alerts</th><th scope="col">Delivered</th><th scope="col">Average delay</th><th scope="col">Longest delay</th></tr></thead><tbody>${rows}</tbody></table>`;
  return html`<details id="numbers"><summary>The numbers as a table, by the ${stepWords(range)}</summary>${body}</details>`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

function timeWords(ms: number, range: Range): string {
  const clock = moment(ms).slice(11, 16);
  return range === 'hour' ? clock : `${DAYS[new Date(ms).getUTCDay()] ?? ''} ${clock}`;
}
