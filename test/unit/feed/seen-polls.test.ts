import { describe, expect, it } from 'vitest';
import type { SeenPoll } from '../../../src/domain/position.ts';
import { remember, type Seen } from '../../../src/feed/seen-polls.ts';

const aSeen = (overrides: Partial<Seen> = {}): Seen => ({
  atMs: 1000,
  since: '2026-01-01T00:00:00Z',
  address: '10.0.0.1',
  stampMs: null,
  afterBroken: false,
  ...overrides,
});
const rememberAll = (all: readonly Seen[]) => all.reduce<readonly SeenPoll[]>(remember, []);

describe('the last requests of a connector', () => {
  it('are one entry while nothing about them changes', () => {
    const stamps = [null, 7, null];
    const seen = rememberAll(stamps.map((stampMs, at) => aSeen({ atMs: 1000 + at, stampMs })));
    expect(seen).toEqual([
      {
        ...{ atMs: 1000, lastMs: 1002, polls: 3, pages: 1, since: '2026-01-01T00:00:00Z', address: '10.0.0.1' },
        ...{ stampMs: 7, movedAfterBroken: false, heldAfterBroken: false },
      },
    ]);
  });

  it('are another entry with another time or another address', () => {
    const seen = rememberAll([aSeen(), aSeen({ since: null }), aSeen({ since: null, address: '10.0.0.2' }), aSeen()]);
    expect(seen.map(({ polls }) => polls)).toEqual([1, 1, 1, 1]);
  });

  it('say whether the time moved after an answer that broke off', () => {
    const held = rememberAll([aSeen(), aSeen({ afterBroken: true })]);
    expect(held).toMatchObject([{ heldAfterBroken: true, movedAfterBroken: false }]);
    const moved = rememberAll([aSeen(), aSeen({ since: null, afterBroken: true })]);
    expect(moved.at(-1)).toMatchObject({ movedAfterBroken: true, heldAfterBroken: false });
    const other = rememberAll([aSeen(), aSeen({ since: null, address: '10.0.0.2', afterBroken: true })]);
    expect(other.at(-1)).toMatchObject({ movedAfterBroken: false });
  });

  it('are the last twelve that differ', () => {
    const seen = rememberAll(Array.from({ length: 40 }, (_, at) => aSeen({ atMs: at, since: String(at) })));
    expect(seen.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 12 }, (_, at) => 28 + at));
  });
});
