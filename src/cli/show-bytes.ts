import type { ProgressLine } from './progress-line.ts';

/** Progress of a copy, in megabytes. */
export function showBytes(progress: ProgressLine): (done: number, total: number) => void {
  return (done, total) => {
    progress.show(Math.ceil(done / 1e6), Math.ceil(total / 1e6), 'MB');
  };
}
