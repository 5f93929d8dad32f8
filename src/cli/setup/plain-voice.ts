import { printable } from '../../domain/printable.ts';
import type { Console } from '../console.ts';
import type { Tone, Voice } from './prompter.ts';

const MARKS: Readonly<Record<Tone, string>> = { step: '', good: 'ok: ', warning: 'warning: ', bad: 'FAILED: ' };
const LONGEST_LINE = 700;

/** Lines for a log or a pipe; silent for a program that wants the result as JSON. */
export function createPlainVoice({ out }: Pick<Console, 'out'>, isSilent: boolean): Voice {
  const line = (text: string): void => {
    if (!isSilent) out(`${printable(text, LONGEST_LINE)}\n`);
  };
  return {
    note(heading, lines) {
      line(`${heading}:`);
      for (const text of lines) line(`  ${text}`);
    },
    say(tone, text) {
      line(`${MARKS[tone]}${text}`);
    },
  };
}
