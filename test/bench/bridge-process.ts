import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { end, type Workspace } from './workspace.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export type LogLine = Readonly<Record<string, unknown>>;

/** `dist/main.js serve` as a process of its own. */
export interface BridgeProcess {
  readonly pid: number;
  /** The first log line of that event, whether it is past or to come; rejects when the process ends without it. */
  logged(event: string): Promise<LogLine>;
  stop(): Promise<void>;
}

export function startBridge(workspace: Workspace, configFile: string): BridgeProcess {
  const child = workspace.spawn(process.execPath, [MAIN, 'serve', '--config', configFile], {
    // Empty: a FLEXBRIDGE_ variable of this shell would change what is measured.
    env: {},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.stdout === null || child.stderr === null) throw new Error('the bridge was started without pipes');
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  const complaints = text(child.stderr);
  let ended = false;
  const look = (): void => {
    for (const one of waiting) one();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(parseLine(line));
    look();
  });
  child.once('close', () => {
    ended = true;
    look();
  });

  const logged = (event: string): Promise<LogLine> =>
    new Promise((resolve, reject) => {
      const one = (): void => {
        const found = lines.find((line) => line['event'] === event);
        if (found === undefined && !ended) return;
        waiting.delete(one);
        if (found !== undefined) resolve(found);
        else {
          complaints.then((said) => {
            reject(new Error(`the bridge ended before ${event}: ${said}`));
          }, reject);
        }
      };
      waiting.add(one);
      one();
    });

  return { pid: child.pid ?? 0, logged, stop: () => end(child, 'SIGTERM') };
}

/** Starts a bridge and waits until it serves and its first poll is through. */
export async function startFilledBridge(
  workspace: Workspace,
  configFile: string,
): Promise<BridgeProcess & { readonly url: string }> {
  const bridge = startBridge(workspace, configFile);
  const { url } = await bridge.logged('started');
  await bridge.logged('pollFinished');
  return { ...bridge, url: String(url) };
}

function parseLine(line: string): LogLine {
  const parsed: unknown = JSON.parse(line);
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}
