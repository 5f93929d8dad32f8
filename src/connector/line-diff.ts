const MAX_LINES = 40;

/**
 * What changes `before` into `after`: `- ` lines to go, `+ ` lines to come, in order, at most 40 and then a count of the
 * rest. Meant for files of some hundred lines (time and memory grow with the product of both lengths).
 */
export function lineDiff(before: readonly string[], after: readonly string[]): readonly string[] {
  const kept = commonLengths(before, after);
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      i += 1;
      j += 1;
    } else if (i < before.length && (j === after.length || at(kept, i + 1, j) >= at(kept, i, j + 1))) {
      lines.push(`- ${before[i] ?? ''}`);
      i += 1;
    } else {
      lines.push(`+ ${after[j] ?? ''}`);
      j += 1;
    }
  }
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `... and ${lines.length - MAX_LINES} more`];
}

type Table = readonly Uint32Array[];

/** Cell (i, j): length of the longest common subsequence of `before` from i and `after` from j. */
function commonLengths(before: readonly string[], after: readonly string[]): Table {
  const table = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const cell =
        before[i] === after[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), at(table, i, j + 1));
      table[i]?.set([cell], j);
    }
  }
  return table;
}

function at(table: Table, i: number, j: number): number {
  return table[i]?.[j] ?? 0;
}
