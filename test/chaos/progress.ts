/** A bar on a terminal; nothing elsewhere, where a line a round says enough. */
export interface Progress {
  show(done: number): void;
  clear(): void;
}

const WIDTH = 40;

export function createProgress(total: number, out: NodeJS.WriteStream): Progress {
  if (!out.isTTY) return { show: () => undefined, clear: () => undefined };
  return {
    show(done) {
      const filled = Math.round((done / total) * WIDTH);
      out.write(`[${'#'.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${done} of ${total}`);
    },
    clear() {
      out.write('\r\u001b[K');
    },
  };
}
