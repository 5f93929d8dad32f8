/**
 * The first line that nests deeper than `limit` levels, 1-based; null when none does. To be asked before the parser runs:
 * it recurses, and where the stack ends inside a regular expression V8 ends the process (measured). Counts every level
 * that the parser would open, and text that merely looks like one: the limit has to be far above any configuration.
 */
export function deepLine(text: string, limit: number): number | null {
  let open = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const opened = countOf(line, /[[{]/g);
    if (open + opened + levelsOf(line) > limit) return index + 1;
    open = Math.max(0, open + opened - countOf(line, /[\]}]/g));
  }
  return null;
}

/** A level of a block takes a column of indentation, or an indicator in front of the first value. */
function levelsOf(line: string): number {
  return line.length - line.trimStart().length + countOf(line, /[-?:](?=\s|$)/g);
}

function countOf(line: string, pattern: RegExp): number {
  return line.match(pattern)?.length ?? 0;
}
