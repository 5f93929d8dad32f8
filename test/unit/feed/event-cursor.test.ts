import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/domain/errors.ts';
import { checkStillKept, cursorPrefix, seqOfCursor } from '../../../src/feed/event-cursor.ts';

const SPAN = { generation: '0a1b2c', firstSeq: 11, lastSeq: 40 };

function cursor(seq: number | string, feed = 'default', span = SPAN): string {
  return `${cursorPrefix(feed, span)}${seq}`;
}

function failure(work: () => unknown): BridgeError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof BridgeError) return thrown;
  }
  throw new Error('it did not fail as it should');
}

describe('a cursor', () => {
  it.each([10, 11, 25, 40])('leads back to the number %i that it was made of', (seq) => {
    expect(seqOfCursor(cursor(seq), 'default', SPAN)).toBe(seq);
  });

  it('is of characters that neither a URL nor a list with commas changes', () => {
    const text = cursor(40, 'my-feed-2');
    expect(encodeURIComponent(text)).toBe(text);
    expect(text).not.toContain(',');
  });

  it('is gone once the event behind it was deleted, and not before', () => {
    expect(failure(() => seqOfCursor(cursor(9), 'default', SPAN))).toMatchObject({
      code: 'CURSOR_GONE',
      message: 'events that follow this cursor have been deleted by retention',
    });
    expect(seqOfCursor(cursor(10), 'default', SPAN)).toBe(10);
  });

  it('at the end stays good when everything was deleted', () => {
    const empty = { ...SPAN, firstSeq: 41 };
    expect(seqOfCursor(cursor(40), 'default', empty)).toBe(40);
  });

  it('of the beginning is good while nothing was deleted', () => {
    const fresh = { ...SPAN, firstSeq: 1, lastSeq: 0 };
    expect(seqOfCursor(cursor(0), 'default', fresh)).toBe(0);
  });

  it.each([
    ['another generation of the store', cursor(20, 'default', { ...SPAN, generation: 'ffff' }), 'generation'],
    ['a copy of the store that had got further', cursor(41), 'generation'],
    ['another feed', cursor(20, 'other'), 'another feed'],
  ])('of %s is gone, with reason and remedy', (_name, text, reason) => {
    const error = failure(() => seqOfCursor(text, 'default', SPAN));
    expect(error).toMatchObject({ code: 'CURSOR_GONE', kind: 'operator' });
    expect(error.message).toContain(reason);
    expect(error.hint).toContain('since=');
  });

  it.each([
    'x',
    '20',
    cursor(''),
    cursor('020'),
    cursor('-1'),
    cursor('1e3'),
    cursor('20 '),
    cursor('9'.repeat(16)),
    cursor('20\n'),
    cursor('\u0000'),
    cursor(20).replace('1.', '2.'),
    cursor(20).toUpperCase(),
    `${cursor(20)},${cursor(21)}`,
    'a'.repeat(10_000),
  ])('is nothing that a client made up: %j', (text) => {
    expect(failure(() => seqOfCursor(text, 'default', SPAN))).toMatchObject({ code: 'CURSOR_INVALID' });
  });
});

describe('a page that was read while retention deleted', () => {
  it('is not given out when something of it may be missing', () => {
    const now = { ...SPAN, firstSeq: 15 };
    expect(
      failure(() => {
        checkStillKept(12, now);
      }),
    ).toMatchObject({ code: 'CURSOR_GONE' });
    expect(() => {
      checkStillKept(14, now);
      checkStillKept(12, SPAN);
    }).not.toThrow();
  });
});
