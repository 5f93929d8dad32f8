import { moment, span, TIME_UNITS } from '../../domain/time-words.ts';
import { type Html, html } from './html.ts';

/** A length of time that is a measure, so with a decimal where it is small: `4.2 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const [unitMs, unit] = TIME_UNITS.find(([size]) => ms >= size) ?? [1000, 's'];
  const value = ms / unitMs;
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ${unit}`;
}

/** How long ago, with the moment itself for machines and on pointing at it. The script keeps its words up to date. */
export function ago(ms: number | null, nowMs: number): Html {
  if (ms === null) return html`never`;
  return time(ms, nowMs - ms < 1000 ? 'just now' : `${span(nowMs - ms)} ago`);
}

/** The same for what is to come. */
export function ahead(ms: number, nowMs: number): Html {
  return time(ms, ms - nowMs < 1000 ? 'now' : `in ${span(ms - nowMs)}`);
}

function time(ms: number, words: string): Html {
  const iso = moment(ms);
  return html`<time datetime="${iso}" title="${iso.replace('T', ' ').replace('Z', ' UTC')}">${words}</time>`;
}

/** With blanks between the thousands, which no language reads as a decimal sign. */
export function number(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** `1 event`, `3 events`. */
export function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
}
