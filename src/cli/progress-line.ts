import type { Console } from './console.ts';

export interface ProgressLine {
  /** `note` stands behind the numbers: how long it takes, or what is waited for. */
  show(done: number, total: number, note: string): void;
  /** A line of its own, whatever is shown. */
  say(text: string): void;
  /** Leaves the last state where it is. */
  end(): void;
}

const BAR = 30;
const ERASE_LINE_END = '\u001b[K';
/** Without a terminal: a line for each tenth, so that a log shows life and is not filled. */
const STEPS = 10;

/** Progress of long work: a bar that is drawn in place on a terminal, plain lines otherwise. */
export function openProgress({ out, isTerminal }: Pick<Console, 'out' | 'isTerminal'>): ProgressLine {
  return isTerminal ? bar(out) : lines(out);
}

function bar(out: Console['out']): ProgressLine {
  let isDrawn = false;
  const clear = (): void => {
    if (isDrawn) out(`\r${ERASE_LINE_END}`);
    isDrawn = false;
  };
  return {
    show(done, total, note) {
      const share = shareOf(done, total);
      const filled = Math.floor(share * BAR);
      const text = `[${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}] ${numbers(done, total)}`;
      out(`\r${note === '' ? text : `${text}  ${note}`}${ERASE_LINE_END}`);
      isDrawn = true;
    },
    say(text) {
      clear();
      out(`${text}\n`);
    },
    end() {
      if (isDrawn) out('\n');
      isDrawn = false;
    },
  };
}

function lines(out: Console['out']): ProgressLine {
  let told = -1;
  return {
    show(done, total, note) {
      const step = Math.floor(shareOf(done, total) * STEPS);
      if (step <= told) return;
      told = step;
      out(`${numbers(done, total)}${note === '' ? '' : `  ${note}`}\n`);
    },
    say(text) {
      out(`${text}\n`);
    },
    end: () => undefined,
  };
}

function shareOf(done: number, total: number): number {
  return total === 0 ? 0 : Math.min(done / total, 1);
}

function numbers(done: number, total: number): string {
  return `${String(Math.floor(shareOf(done, total) * 100)).padStart(3)}%  ${done} of ${total}`;
}
