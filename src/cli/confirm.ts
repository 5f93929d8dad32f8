import { createInterface } from 'node:readline/promises';
import type { Console } from './console.ts';

/** Asks on a terminal; without one, who wrote the command has said it. Only `y` and `yes` are a yes. */
export async function confirm(question: string, { input, out, isTerminal }: Console): Promise<boolean> {
  if (!isTerminal) return true;
  out(`${question} [y/N] `);
  const lines = createInterface({ input });
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim());
    return false;
  } finally {
    lines.close();
  }
}
