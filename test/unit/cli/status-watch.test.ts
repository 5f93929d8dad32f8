import { describe, expect, it } from 'vitest';
import { type Screen, watchLines } from '../../../src/cli/status-watch.ts';
import { createTerminal } from '../../support/terminal.ts';

type Terminal = ReturnType<typeof createTerminal>;

/** A terminal in front of which somebody does something in each pause, and leaves after the last thing. */
function screenOf(terminal: Terminal, inPauses: readonly (() => void)[] = []) {
  const writes: string[] = [];
  const pauses: number[] = [];
  const todo = [...inPauses];
  const screen: Screen = {
    write: (text) => {
      writes.push(text);
      terminal.write(text);
    },
    size: terminal.size,
    pause: (ms) => {
      pauses.push(ms);
      const next = todo.shift();
      next?.();
      return Promise.resolve(next === undefined ? 'left' : 'again');
    },
  };
  return { screen, writes, pauses };
}

function views(...drawings: readonly (readonly string[])[]) {
  const left = [...drawings];
  return () => Promise.resolve(left.shift() ?? []);
}

const nothing = (): void => undefined;

describe('watchLines', () => {
  it('draws each view over the one before, and leaves no rest of a longer one', async () => {
    const terminal = createTerminal(40, 10);
    terminal.write('$ flexbridge status\r\n');
    const seen: (readonly string[])[] = [];
    const look = (): void => {
      seen.push(terminal.history());
    };
    const { screen } = screenOf(terminal, [look, look, look]);
    await watchLines(
      views(['one', 'a long line', 'third'], ['one', 'short'], ['1', '2', '3', '4'], ['end']),
      screen,
      5,
    );
    expect(seen).toEqual([
      ['$ flexbridge status', 'one', 'a long line', 'third', ''],
      ['$ flexbridge status', 'one', 'short', ''],
      ['$ flexbridge status', '1', '2', '3', '4', ''],
    ]);
    expect(terminal.history()).toEqual(['$ flexbridge status', 'end', '']);
  });

  it('erases nothing that it draws again, and draws each view in one write', async () => {
    const { screen, writes } = screenOf(createTerminal(40, 10), [nothing]);
    await watchLines(views(['a', 'b'], ['a', 'c']), screen, 5);
    const [hide, first, second, show, ...more] = writes;
    expect(more).toEqual([]);
    expect([hide, show]).toEqual(['\u001b[?25l', '\u001b[?25h']);
    for (const drawing of [first, second]) {
      expect(drawing).not.toContain('\u001b[2J');
      expect(drawing?.indexOf('\u001b[J')).toBeGreaterThan(drawing?.lastIndexOf('\n') ?? 0);
    }
  });

  it('keeps what was on the terminal when the view begins in the last row', async () => {
    const terminal = createTerminal(40, 4);
    terminal.write('1\r\n2\r\n3\r\n');
    const { screen } = screenOf(terminal, [nothing]);
    await watchLines(views(['a', 'b', 'c'], ['d', 'e', 'f']), screen, 5);
    expect(terminal.history()).toEqual(['1', '2', '3', 'd', 'e', 'f', '']);
  });

  it('never draws more than the window holds, so that nothing scrolls', async () => {
    const terminal = createTerminal(40, 4);
    const { screen } = screenOf(terminal, [nothing, nothing]);
    const many = ['a', 'b', 'c', 'd', 'e', 'f'];
    await watchLines(views(many, many, many), screen, 5);
    expect(terminal.history()).toEqual(['a', 'b', '... 4 more lines in a higher window', '']);
  });

  it('does not lose its place when a line is wider than the window', async () => {
    const terminal = createTerminal(5, 10);
    const { screen } = screenOf(terminal, [nothing]);
    await watchLines(views(['1234567', 'x'], ['7654321', 'y']), screen, 5);
    expect(terminal.history()).toEqual(['76543', 'y', '']);
    expect(terminal.isWrapping()).toBe(true);
  });

  it('draws the window anew after its size changed, for the new width', async () => {
    const terminal = createTerminal(40, 10);
    const widths: number[] = [];
    const { screen } = screenOf(terminal, [
      () => {
        terminal.resize(20, 6);
      },
    ]);
    const lines = (width: number) => {
      widths.push(width);
      return Promise.resolve([`width ${width}`.padEnd(width - 5, '.')]);
    };
    await watchLines(lines, screen, 5);
    expect(widths).toEqual([40, 20]);
    expect(terminal.history()).toEqual(['width 20.......', '']);
  });

  it('shows the cursor again below the last view when somebody leaves', async () => {
    const terminal = createTerminal(40, 10);
    const hidden: boolean[] = [];
    const { screen, pauses } = screenOf(terminal, [() => hidden.push(terminal.cursor().isVisible)]);
    await watchLines(views(['a'], ['b']), screen, 2000);
    expect(hidden).toEqual([false]);
    expect(pauses).toEqual([2000, 2000]);
    expect(terminal.cursor()).toEqual({ row: 1, column: 0, isVisible: true });
    expect(terminal.history()).toEqual(['b', '']);
  });

  it('shows the cursor again when a look fails', async () => {
    const terminal = createTerminal(40, 10);
    const { screen } = screenOf(terminal);
    await expect(watchLines(() => Promise.reject(new Error('a defect')), screen, 5)).rejects.toThrow('a defect');
    expect(terminal.cursor().isVisible).toBe(true);
  });
});
