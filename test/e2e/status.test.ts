import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { reportNotRun } from '../support/java.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const [HIDDEN, SHOWN, ERASED_BELOW] = ['\u001b[?25l', '\u001b[?25h', '\u001b[J'];
const folder = mkdtempSync(join(tmpdir(), 'flexbridge-status-'));

const started: ChildProcess[] = [];

afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** The program on a terminal of its own, which `script` makes; its settings are printed once the program has ended. */
function onTerminal(args: string) {
  const settings = 'echo "code $?"; stty -a; echo over';
  const child = spawn('script', ['-qc', `'${process.execPath}' '${MAIN}' ${args}; ${settings}`, '/dev/null'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      SHELL: '/bin/sh',
      TERM: 'xterm',
      FLEXBRIDGE_TENANT_ID: '00000000-0000-0000-0000-000000000000',
      FLEXBRIDGE_CLIENT_ID: 'client-1',
      FLEXBRIDGE_CLIENT_SECRET: 'any',
    },
  });
  started.push(child);
  let seen = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    for (const look of waiting) look();
  });
  return {
    type: (keys: string) => child.stdin.write(keys),
    close: () => child.stdin.end(),
    shown: (condition: (text: string) => boolean) =>
      new Promise<string>((resolve) => {
        const look = (): void => {
          if (condition(seen)) resolve(seen);
        };
        waiting.add(look);
        look();
      }),
  };
}

describe('flexbridge status on a terminal', () => {
  const { error, output } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  if (error !== undefined || !output.join('').includes('util-linux')) {
    reportNotRun('flexbridge status on a terminal', 'there is no script of util-linux on the path');
    it('is not run here', () => undefined);
    return;
  }

  it.each([
    ['Ctrl-C', '\u0003'],
    ['q', 'q'],
  ])('draws again and again until %s, then gives the terminal back as it was', async (_name, key) => {
    const terminal = onTerminal('status --interval 500ms');
    const drawn = await terminal.shown((text) => text.split(ERASED_BELOW).length > 2);
    expect(drawn).toContain('FlexBridge not running');
    expect(drawn).toContain(HIDDEN);
    expect(drawn).not.toContain(SHOWN);
    terminal.type(key);
    const all = await terminal.shown((text) => text.includes('over'));
    terminal.close();
    const after = all.slice(all.lastIndexOf(SHOWN));
    expect(after).toMatch(/code 0\s/);
    for (const setting of [/[^-]icanon/, /[^-]echo /, /[^-]isig/]) expect(after).toMatch(setting);
  });
});
