import type { DestinationStream } from 'pino';
import type { LogFormat } from '../domain/log-settings.ts';
import { createPrettyLine } from './pretty-line.ts';

/** Where log lines go, in a form that can be changed while they are written. */
export interface LogOutput extends DestinationStream {
  setFormat(format: LogFormat): void;
}

/** @param target takes whole lines; `isTerminal`: somebody reads them there */
export function createLogOutput(
  target: DestinationStream,
  { isTerminal, format }: { readonly isTerminal: boolean; readonly format: LogFormat },
): LogOutput {
  // In this process and no worker: what is logged last must be out before the process ends.
  const pretty = createPrettyLine({ color: isTerminal });
  const isPretty = (wanted: LogFormat): boolean => wanted === 'pretty' || (wanted === 'auto' && isTerminal);
  let form = isPretty(format);
  return {
    write(line) {
      target.write(form ? pretty(line) : line);
    },
    setFormat(wanted) {
      form = isPretty(wanted);
    },
  };
}
