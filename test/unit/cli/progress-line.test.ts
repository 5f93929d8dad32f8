import { describe, expect, it } from 'vitest';
import { openProgress } from '../../../src/cli/progress-line.ts';
import { createTerminal } from '../../support/terminal.ts';

function withoutTerminal() {
  const written: string[] = [];
  return { written, progress: openProgress({ out: (text) => written.push(text), isTerminal: false }) };
}

describe('the progress of long work', () => {
  it('is a bar that is drawn in place on a terminal', () => {
    const terminal = createTerminal(80, 10);
    const progress = openProgress({ out: terminal.write.bind(terminal), isTerminal: true });
    progress.show(1, 3, 'about 20 s left');
    progress.show(2, 3, '');
    expect(terminal.history()).toEqual([`[${'#'.repeat(20)}${'-'.repeat(10)}]  66%  2 of 3`]);
    progress.say('halfway');
    progress.show(3, 3, '');
    progress.end();
    progress.end();
    expect(terminal.history()).toEqual(['halfway', `[${'#'.repeat(30)}] 100%  3 of 3`, '']);
  });

  it('is a line for each tenth where there is no terminal', () => {
    const { written, progress } = withoutTerminal();
    for (let done = 0; done <= 1000; done += 1) progress.show(done, 1000, done === 0 ? 'about 5 s left' : '');
    progress.end();
    expect(written).toHaveLength(11);
    expect([written[0], written.at(-1)]).toEqual(['  0%  0 of 1000  about 5 s left\n', '100%  1000 of 1000\n']);
  });

  it('is nothing of nothing before it is known how much there is', () => {
    const { written, progress } = withoutTerminal();
    progress.show(0, 0, '');
    progress.show(5, 4, '');
    expect(written).toEqual(['  0%  0 of 0\n', '100%  5 of 4\n']);
  });
});
