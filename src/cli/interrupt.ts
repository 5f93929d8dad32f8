const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Aborted by Ctrl-C, instead of ending the process. `close` gives the signals back. */
export function onInterrupt(): { readonly signal: AbortSignal; close(): void } {
  const left = new AbortController();
  const leave = (): void => {
    left.abort();
  };
  for (const name of SIGNALS) process.on(name, leave);
  return {
    signal: left.signal,
    close() {
      for (const name of SIGNALS) process.off(name, leave);
    },
  };
}
