import { TIME_MODES, type TimeMode, type TimeModeName } from '../../src/connector/connector-time.ts';
import type { Random } from '../../src/simulator/random.ts';
import { PATHS, type PathName } from './paths/path.ts';

/** What a connector's time means, and what lies between it and the bridge. */
export interface Cell {
  readonly meaning: TimeModeName;
  readonly path: PathName;
}

const MEANINGS: readonly TimeModeName[] = [
  'newest-event',
  'seconds',
  'last-success',
  'wall-clock',
  'last-try',
  'frozen',
  'missing',
  'other-zone',
  'hour-off',
  'stepping-back',
];

export const CELLS: readonly Cell[] = MEANINGS.flatMap((meaning) => PATHS.map((path) => ({ meaning, path })));

export function cellName({ meaning, path }: Cell): string {
  return `${meaning}/${path}`;
}

/** Cells whose name contains one of the words, which are separated by commas. */
export function chooseCells(filter: string): readonly Cell[] {
  const words = filter.split(',').map((word) => word.trim());
  return CELLS.filter((cell) => words.some((word) => cellName(cell).includes(word)));
}

/** docs/delivery.md: at least once, also when the connector dies between receiving and processing. */
const FOLLOWS_RECEIPT: readonly TimeModeName[] = ['newest-event', 'seconds', 'last-success'];

export type Promise_ = 'processed' | 'received' | 'nothing';

/** What the bridge promises in a cell: nothing is lost before it is processed, or before it is received, or neither. */
export function promiseOf({ meaning, path }: Cell): Promise_ {
  if (FOLLOWS_RECEIPT.includes(meaning)) return 'processed';
  return meaning === 'wall-clock' && path === 'direct' ? 'received' : 'nothing';
}

/** A variant of the meaning: each round draws one. */
export function variantOf(meaning: TimeModeName, random: Random): TimeMode {
  const base = TIME_MODES[meaning];
  switch (meaning) {
    case 'wall-clock':
    case 'last-success':
    case 'last-try':
      return { ...base, precision: random.pick(['ms', 's']) };
    case 'other-zone':
      return {
        meaning: random.pick(['wall-clock', 'newest-event', 'last-success']),
        zone: random.pick([
          { minutes: 120, written: true },
          { minutes: -330, written: true },
          { minutes: 120, written: false },
          { minutes: -300, written: false },
        ]),
      };
    case 'hour-off':
      return {
        meaning: random.pick(['wall-clock', 'last-success']),
        clockErrorMs: random.pick([3_600_000, -3_600_000]),
      };
    case 'stepping-back':
      return { meaning: random.pick(['wall-clock', 'last-success']) };
    case 'newest-event':
    case 'seconds':
    case 'frozen':
    case 'missing':
      return base;
  }
}

export function variantText({ meaning, precision, zone, clockErrorMs = 0 }: TimeMode): string {
  const parts: string[] = [meaning];
  if (precision === 's') parts.push('whole seconds');
  if (zone !== undefined) parts.push(`${zone.minutes} min east, ${zone.written ? 'written' : 'not written'}`);
  if (clockErrorMs !== 0) parts.push(`${clockErrorMs / 60_000} min off`);
  return parts.join(', ');
}
