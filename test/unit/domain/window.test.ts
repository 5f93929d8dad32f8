import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantFromMs, instantToMs, parseInstant, shiftInstant } from '../../../src/domain/instant.ts';
import { advance, type Checkpoint, nextWindow } from '../../../src/domain/window.ts';
import { instant } from '../../support/alerts.ts';

const SETTINGS = { overlapMs: 15 * 60_000, settleMs: 30_000, initialLookbackMs: 24 * 3_600_000 };
const NOON = Date.parse('2026-01-01T12:00:00Z');

describe('an instant', () => {
  it('keeps seven digits and takes any zone, and no zone for UTC', () => {
    expect(parseInstant('2021-05-02T14:19:01.3266667Z')).toBe('2021-05-02T14:19:01.3266667Z');
    expect(parseInstant('2021-05-02T14:19:01Z')).toBe('2021-05-02T14:19:01.0000000Z');
    expect(parseInstant('2021-05-02T16:19:01.5+02:00')).toBe('2021-05-02T14:19:01.5000000Z');
    expect(parseInstant('2021-05-02T14:19:01.123456789')).toBe('2021-05-02T14:19:01.1234567Z');
  });

  it('refuses what is no real date', () => {
    for (const text of ['', 'tomorrow', '2021-02-30T00:00:00Z', '2021-13-01T00:00:00Z', '2021-05-02'])
      expect(parseInstant(text)).toBeNull();
  });

  it('orders as text as it does in time, and shifts without losing digits', () => {
    expect(shiftInstant(instant('2026-01-01T00:00:00.1234567Z'), -500)).toBe('2025-12-31T23:59:59.6234567Z');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 0, max: 4e12 }), (a, b) => {
        expect(instantFromMs(a) < instantFromMs(b)).toBe(a < b);
        expect(instantToMs(instantFromMs(a))).toBe(a);
      }),
    );
  });
});

describe('the window to read', () => {
  it('reaches back initialLookback at first and stays settle behind Microsoft', () => {
    expect(nextWindow({ watermark: null, window: null }, SETTINGS, NOON)).toEqual({
      from: '2025-12-31T11:59:30.0000000Z',
      to: '2026-01-01T11:59:30.0000000Z',
      progress: null,
    });
  });

  it('starts overlap before the watermark, and is none while the clock has not passed it', () => {
    const checkpoint: Checkpoint = { watermark: instant('2026-01-01T11:59:00Z'), window: null };
    expect(nextWindow(checkpoint, SETTINGS, NOON)?.from).toBe('2026-01-01T11:44:00.0000000Z');
    expect(nextWindow(checkpoint, SETTINGS, NOON - 60_000)).toBeNull();
  });

  it('is the one left open, with its progress, after a restart', () => {
    const open = {
      from: instant('2026-01-01T10:00:00Z'),
      to: instant('2026-01-01T11:00:00Z'),
      progress: instant('2026-01-01T10:30:00Z'),
    };
    expect(nextWindow({ watermark: null, window: open }, SETTINGS, NOON)).toBe(open);
  });

  it('moves the watermark only with its last page', () => {
    const window = { from: instant('2026-01-01T10:00:00Z'), to: instant('2026-01-01T11:00:00Z'), progress: null };
    const start: Checkpoint = { watermark: instant('2026-01-01T10:15:00Z'), window: null };
    const progress = instant('2026-01-01T10:20:00Z');
    const middle = advance(start, window, { isLast: false, progress });
    expect(middle).toEqual({ watermark: start.watermark, window: { ...window, progress } });
    expect(advance(middle, window, { isLast: true, progress })).toEqual({ watermark: window.to, window: null });
  });
});
