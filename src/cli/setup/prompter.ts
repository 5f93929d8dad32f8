import { BridgeError } from '../../domain/errors.ts';
import type { Choice } from './answers.ts';

/** Says what happens. */
export interface Voice {
  /** A block of lines under a heading. */
  note(heading: string, lines: readonly string[]): void;
  say(tone: Tone, text: string): void;
}

/** Whoever is asked. Every question rejects with SETUP_CANCELLED when that is broken off with Ctrl-C. */
export interface Prompter extends Voice {
  text(asked: TextPrompt): Promise<string>;
  /** What is typed is not shown. */
  secret(asked: Omit<TextPrompt, 'initial'>): Promise<string>;
  choose(asked: ChoicePrompt): Promise<string>;
  confirm(message: string, initial: boolean): Promise<boolean>;
}

export type Tone = 'step' | 'good' | 'warning' | 'bad';

export interface TextPrompt {
  readonly message: string;
  readonly initial: string;
  /** What is wrong with it; null when nothing is. */
  readonly problem: (text: string) => string | null;
}

export interface ChoicePrompt {
  readonly message: string;
  readonly choices: readonly Choice[];
  readonly initial: string;
}

export function cancelled(written: string): BridgeError {
  return new BridgeError({
    code: 'SETUP_CANCELLED',
    kind: 'operator',
    message: 'setup was broken off',
    hint: written,
  });
}

/** While nothing is written. */
export const NOTHING_WRITTEN = 'Nothing was written. Run it again when you are ready.';
