import { createRandom, seedFor } from '../../src/simulator/random.ts';
import type { Cell } from './cells.ts';

export interface Scheduled {
  readonly cell: Cell;
  /** The round alone: `--rounds 1 --seed` this, with the cell's name. */
  readonly seed: number;
}

/** Every cell once in a seeded order, then again in another, until there are so many rounds. */
export function scheduleRounds(cells: readonly Cell[], rounds: number, seed: number): readonly Scheduled[] {
  const random = createRandom(seedFor(seed, 'order'));
  const scheduled: Scheduled[] = [];
  for (let turn = 0; scheduled.length < rounds && cells.length > 0; turn += 1)
    scheduled.push(...random.shuffle(cells).map((cell) => ({ cell, seed: seed + turn })));
  return scheduled.slice(0, rounds);
}
