import { describe, expect, it } from 'vitest';
import { followCommand } from '../../../src/cli/follow-command.ts';
import type { StoredCommand } from '../../../src/store/errands.ts';
import { steppedClock } from '../../support/clock.ts';

function aCommand(overrides: Partial<StoredCommand> = {}): StoredCommand {
  return {
    commandId: 7,
    kind: 'replay',
    args: {},
    requestedBy: 'kim',
    requestedMs: 0,
    state: 'running',
    done: 0,
    total: 10,
    progress: null,
    problem: null,
    updatedMs: 0,
    ...overrides,
  };
}

/** Follows a command that is the next of these at each look, and then stays the last. */
function follow(
  looks: readonly (StoredCommand | null)[],
  options: { readonly isServing?: () => boolean; readonly signal?: AbortSignal } = {},
) {
  const clock = steppedClock(0);
  const shown: number[] = [];
  const left = [...looks];
  const following = followCommand({
    store: {
      command: () => Promise.resolve(left.length > 1 ? (left.shift() ?? null) : (left[0] ?? null)),
    },
    commandId: 7,
    clock,
    signal: options.signal ?? new AbortController().signal,
    isServing: options.isServing ?? (() => true),
    show: ({ done }) => shown.push(done),
  });
  return { clock, shown, following };
}

describe('whoever follows a command', () => {
  it('sees how far it is until it has ended', async () => {
    const { following, shown } = follow([aCommand(), aCommand({ done: 4 }), aCommand({ done: 10, state: 'done' })]);
    expect((await following).state).toBe('done');
    expect(shown).toEqual([0, 4, 10]);
  });

  it('may leave, and it goes on', async () => {
    const leaving = AbortSignal.abort();
    const { following } = follow([aCommand({ done: 4 })], { signal: leaving });
    expect(await following).toMatchObject({ state: 'running', done: 4 });
  });

  it('waits for a server that is restarted', async () => {
    let looks = 0;
    const isServing = () => {
      looks += 1;
      return looks > 20;
    };
    const running = Array.from({ length: 400 }, () => aCommand());
    const { following } = follow([...running, aCommand({ state: 'done' })], { isServing });
    expect((await following).state).toBe('done');
  });

  it('is told after a minute that no server runs, and that nothing is lost', async () => {
    const { following, clock } = follow([aCommand({ done: 4 })], { isServing: () => false });
    await expect(following).rejects.toMatchObject({ code: 'SERVE_STOPPED' });
    await expect(following).rejects.toThrow('request 7 is at 4 of 10');
    expect(clock.monotonic()).toBeLessThan(65_000);
  });

  it('is told that the database was replaced', async () => {
    await expect(follow([null]).following).rejects.toMatchObject({ code: 'COMMAND_UNKNOWN' });
  });
});
