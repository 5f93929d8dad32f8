import type { LogLine } from './demo-chain.ts';

/** Follows the bridge's log. */
export interface Watch {
  readonly take: (line: LogLine) => void;
  /** Alerts stored so far. */
  stored(): number;
  /** Feed events made of them. */
  events(): number;
  /** The last failure of a poll of Microsoft; empty when it works. */
  failure(): string;
}

export function createWatch(): Watch {
  let stored = 0;
  let events = 0;
  let failure = '';
  const add = (counts: LogLine): void => {
    stored += count(counts['fresh']);
    events += count(counts['events']);
  };
  const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
  return {
    take: (line) => {
      if (line['event'] === 'pollFinished') {
        add(line);
        failure = '';
      }
      if (line['event'] === 'pollFailed') {
        // What it had stored before it failed.
        if (isObject(line['stored'])) add(line['stored']);
        failure = JSON.stringify(line['error']);
      }
    },
    stored: () => stored,
    events: () => events,
    failure: () => failure,
  };
}

function isObject(value: unknown): value is LogLine {
  return typeof value === 'object' && value !== null;
}
