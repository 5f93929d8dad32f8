import { clipLines } from './status-view.ts';

/** A terminal on which a view is drawn again and again. */
export interface Screen {
  readonly write: (text: string) => void;
  /** Asked before each drawing. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** Waits for the time given, or less when the window changes; `left` as soon as somebody wants to leave. */
  pause(ms: number): Promise<'again' | 'left'>;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Without it a line of wide characters would take two rows, and the next drawing would begin in the wrong one. */
const NO_WRAP = '\u001b[?7l';
const WRAP = '\u001b[?7h';
const ERASE_LINE_END = '\u001b[K';
const ERASE_BELOW = '\u001b[J';
const ERASE_ALL = '\u001b[H\u001b[2J';

/**
 * Draws `lines` in place until somebody leaves: each line over its predecessor in one write, nothing erased that is
 * drawn again, so that nothing flickers. What was there before the view, and its last state, stay on the terminal.
 */
export async function watchLines(
  lines: (width: number) => Promise<readonly string[]>,
  screen: Screen,
  intervalMs: number,
): Promise<void> {
  let drawn = { count: 0, ...screen.size() };
  screen.write(HIDE_CURSOR);
  try {
    do {
      const { columns, rows } = screen.size();
      // A line for the cursor below the view: in the last row, a line feed would scroll.
      const next = clipLines(await lines(columns), rows - 1);
      const isResized = drawn.count > 0 && (columns !== drawn.columns || rows !== drawn.rows);
      screen.write(
        [
          NO_WRAP,
          isResized ? ERASE_ALL : upwards(drawn.count),
          ...next.map((line) => `${line}${ERASE_LINE_END}\r\n`),
          ERASE_BELOW,
          WRAP,
        ].join(''),
      );
      drawn = { count: next.length, columns, rows };
    } while ((await screen.pause(intervalMs)) === 'again');
  } finally {
    screen.write(SHOW_CURSOR);
  }
}

function upwards(count: number): string {
  return count === 0 ? '' : `\u001b[${count}A\r`;
}
