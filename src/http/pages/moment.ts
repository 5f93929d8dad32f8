import { type Html, html } from './html.ts';

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const;

/** A length of time in its largest whole unit: `3 h`; less than a second is `0 s`. */
export function span(ms: number): string {
  const [unitMs, unit] = UNITS.find(([size]) => ms >= size) ?? [1000, 's'];
  return `${Math.max(Math.floor(ms / unitMs), 0)} ${unit}`;
}

/** A length of time that is a measure, so with a decimal where it is small: `4.2 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const [unitMs, unit] = UNITS.find(([size]) => ms >= size) ?? [1000, 's'];
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
  const iso = utc(ms);
  return html`<time datetime="${iso}" title="${iso.replace('T', ' ').replace('Z', ' UTC')}">${words}</time>`;
}

/** `2026-02-01T10:00:00Z` */
export function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** With blanks between the thousands, which no language reads as a decimal sign. */
export function number(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** `1 event`, `3 events`. */
export function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
}
