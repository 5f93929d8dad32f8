import type { CatchUp } from '../../../domain/catch-up-estimate.ts';
import { type Html, html } from '../html.ts';
import { ahead } from '../moment.ts';

/** One line of a card; null: nothing to say. */
export type Fact = readonly [name: string, value: Html | string] | null;

export function facts(lines: readonly Fact[]): Html {
  const told = lines.flatMap((line) =>
    line === null ? [] : [html`<div><dt>${line[0]}</dt><dd>${line[1]}</dd></div>`],
  );
  return html`<dl class="facts">${told}</dl>`;
}

/** When a backlog will be gone, as far as can be told from how it went in the last minutes. */
export function catchUpFact(estimate: CatchUp, nowMs: number): Fact {
  switch (estimate.kind) {
    case 'done':
      return null;
    case 'unknown':
      return ['Caught up', 'not known yet'];
    case 'stuck':
      return ['Caught up', 'not at this pace: it does not become less'];
    case 'at':
      return ['Caught up', html`about ${ahead(estimate.atMs, nowMs)}`];
  }
}
