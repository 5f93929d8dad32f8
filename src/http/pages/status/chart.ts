import { type Html, html } from '../html.ts';

/** One series of a chart; the bars of the second are drawn within those of the first. */
export interface Series {
  readonly name: string;
  /** Names its colour in the stylesheet. */
  readonly look: 'pale' | 'full';
  /** By the number of the step, from 0. */
  readonly values: ReadonlyMap<number, number>;
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What there is to see, in one sentence. */
  readonly summary: string;
  /** Words of the vertical axis, with the unit. */
  readonly axis: string;
  readonly steps: number;
  /** Value at the upper end of the vertical axis, above 0. */
  readonly top: number;
  /** A value of the vertical axis as text. */
  readonly label: (value: number) => string;
  readonly series: readonly Series[];
  /** Beginning, middle and end of the horizontal axis, as text. */
  readonly times: readonly [string, string, string];
}

const HEIGHT = 100;
/** Of a step, so that bars do not touch. */
const BAR = 0.8;
/** Something is seen of what is not nothing. */
const LOWEST = 1.5;

/**
 * Bars as inline SVG, one unit wide a step; it is stretched to the room there is, so all text stands beside it as HTML
 * and keeps its size. No style attributes: the policy of the pages forbids them.
 */
export function chart({ id, title, summary, axis, steps, top, label, series, times }: Chart): Html {
  return html`<figure class="chart">
<figcaption><h3>${title}</h3><p>${summary}</p></figcaption>
${series.length < 2 ? null : html`<ul class="legend">${series.map(({ name, look }) => html`<li><span class="swatch ${look}"></span>${name}</li>`)}</ul>`}
<p class="axis">${axis}</p>
<div class="plot"><div class="ticks" aria-hidden="true"><span>${label(top)}</span><span>${label(top / 2)}</span><span>0</span></div>
<svg role="img" aria-labelledby="${id}-title ${id}-summary" viewBox="0 0 ${steps} ${HEIGHT}" preserveAspectRatio="none"><title id="${id}-title">${title}</title><desc id="${id}-summary">${summary}</desc>
<path class="grid" d="M0 0H${steps}M0 ${HEIGHT / 2}H${steps}M0 ${HEIGHT}H${steps}" fill="none" vector-effect="non-scaling-stroke"/>${series.map((one) => bars(one, top))}</svg></div>
<div class="times" aria-hidden="true">${times.map((time) => html`<span>${time}</span>`)}</div>
</figure>
`;
}

/** All bars of a series are one path: a week has 168 of them. */
function bars({ look, values }: Series, top: number): Html {
  const drawn = [...values]
    .filter(([, value]) => value > 0)
    .map(([step, value]) => {
      const height = Math.min(Math.max((HEIGHT * value) / top, LOWEST), HEIGHT);
      return `M${round(step + (1 - BAR) / 2)} ${HEIGHT}v${round(-height)}h${BAR}V${HEIGHT}z`;
    });
  return html`<path class="bars ${look}" d="${drawn.join('')}"/>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
