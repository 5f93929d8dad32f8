import type { LinkState } from '../../../domain/chain.ts';
import type { FindingState } from '../../../domain/finding.ts';
import { type Html, html } from '../html.ts';

/** Told apart by shape and by word; colour only helps. */
const SHAPES: Readonly<Record<LinkState, Html>> = {
  ok: html`<circle cx="6" cy="6" r="5"/>`,
  waiting: html`<circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" stroke-width="2"/>`,
  attention: html`<path d="M6 .5 11.8 11H.2z"/>`,
  broken: html`<path d="M2.5.5 6 4 9.5.5l2 2L8 6l3.5 3.5-2 2L6 8l-3.5 3.5-2-2L4 6 .5 2.5z"/>`,
};

const WORDS: Readonly<Record<LinkState, string>> = {
  ok: 'Works',
  waiting: 'Waiting',
  attention: 'Attention',
  broken: 'Broken',
};

/** @param word in place of the usual word for the state */
export function mark(state: LinkState, word: string = WORDS[state]): Html {
  return html`<span class="mark ${state}">${shape(state)}${word}</span>`;
}

export function shape(state: LinkState): Html {
  return html`<svg class="${state}" viewBox="0 0 12 12" width="12" height="12" fill="currentColor" aria-hidden="true">${SHAPES[state]}</svg>`;
}

const OF_FINDING: Readonly<Record<FindingState, readonly [LinkState, string]>> = {
  ok: ['ok', 'Ok'],
  warning: ['attention', 'Warning'],
  failed: ['broken', 'Failed'],
};

export function findingMark(state: FindingState): Html {
  return mark(...OF_FINDING[state]);
}
