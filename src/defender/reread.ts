import { elements } from './map/graph-payload.ts';
import type { Normalised } from './source.ts';

/** What was set aside, read again: one record, a list of them, or a whole answer. */
export function reread(raw: string, normalise: (records: readonly unknown[]) => Normalised): Normalised {
  try {
    return normalise(elements(JSON.parse(raw)));
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    return { records: [], rejected: [{ id: null, code: 'unreadable', reason: 'it is no JSON', raw }] };
  }
}
