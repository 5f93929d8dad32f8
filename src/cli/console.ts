/** What a command may touch of the process: injected, so that commands can be tested. */
export interface Console {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly input: NodeJS.ReadableStream;
  readonly cwd: string;
  readonly isTerminal: boolean;
}
