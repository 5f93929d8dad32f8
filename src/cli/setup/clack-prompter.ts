import { type CANCEL_SYMBOL, confirm, isCancel, log, password, select, text } from '@clack/prompts';
import { printable } from '../../domain/printable.ts';
import { cancelled, NOTHING_WRITTEN, type Prompter, type Tone } from './prompter.ts';

const LONGEST_LINE = 500;

const TONES: Readonly<Record<Tone, (line: string) => void>> = {
  step: (line) => {
    log.step(line);
  },
  good: (line) => {
    log.success(line);
  },
  warning: (line) => {
    log.warn(line);
  },
  bad: (line) => {
    log.error(line);
  },
};

/** Asks on the terminal of the process. */
export function createClackPrompter(): Prompter {
  return {
    async text({ message, initial, problem }) {
      const judge = (value: string | undefined) => problem(value ?? '') ?? undefined;
      return answered(await text({ message, initialValue: initial, validate: judge }));
    },
    async secret({ message, problem }) {
      const judge = (value: string | undefined) => problem(value ?? '') ?? undefined;
      return answered(await password({ message, validate: judge, clearOnError: true }));
    },
    async choose({ message, choices, initial }) {
      const options = choices.map(({ value, label }) => ({ value, label: printable(label) }));
      return answered(await select({ message, options, initialValue: initial, showInstructions: false }));
    },
    confirm: async (message, initial) => answered(await confirm({ message, initialValue: initial })),
    note(heading, lines) {
      log.step(heading);
      // Without a frame around them, so that commands can be copied.
      log.message(
        lines.map((line) => printable(line, LONGEST_LINE)),
        { withGuide: false, spacing: 0 },
      );
    },
    say(tone, line) {
      TONES[tone](printable(line, LONGEST_LINE));
    },
  };
}

function answered<Value>(value: Value | typeof CANCEL_SYMBOL): Value {
  if (isCancel(value)) throw cancelled(NOTHING_WRITTEN);
  return value;
}
