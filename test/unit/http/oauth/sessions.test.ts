import { describe, expect, it } from 'vitest';
import { createSessions, isSameToken, newVisit } from '../../../../src/http/oauth/sessions.ts';
import { steppedClock } from '../../../support/clock.ts';

describe('sessions', () => {
  it('are each of their own id and token', () => {
    const sessions = createSessions({ clock: steppedClock(0) });
    const [one, other] = [sessions.start('ops'), sessions.start('ops')];
    expect(one).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(one).not.toBe(other);
    expect(sessions.find(one)?.csrf).not.toBe(sessions.find(other)?.csrf);
    sessions.end(one);
    expect(sessions.find(one)).toBeNull();
    expect(sessions.find(other)?.operator).toBe('ops');
    expect(sessions.find(undefined)).toBeNull();
  });

  it('are not prolonged when the wall clock is set back', () => {
    const clock = steppedClock('2026-03-01T00:00:00Z');
    const sessions = createSessions({ clock });
    const id = sessions.start('ops');
    clock.step(-86_400_000);
    clock.step(31 * 60_000);
    expect(sessions.find(id)).toBeNull();
  });

  it('past a thousand push out the one unused for longest', () => {
    const sessions = createSessions({ clock: steppedClock(0) });
    const first = sessions.start('ops');
    const second = sessions.start('ops');
    for (let count = 2; count < 1000; count += 1) sessions.start('ops');
    expect(sessions.find(first)).not.toBeNull();
    sessions.start('ops');
    expect(sessions.find(first)).not.toBeNull();
    expect(sessions.find(second)).toBeNull();
  });

  it('have a token for each visit of the sign-in form, which another process does not know', () => {
    const clock = steppedClock(0);
    const [visit, other] = [newVisit(), newVisit()];
    const sessions = createSessions({ clock });
    expect(sessions.visitToken(visit)).toBe(sessions.visitToken(visit));
    expect(sessions.visitToken(visit)).not.toBe(sessions.visitToken(other));
    expect(sessions.visitToken(visit)).not.toBe(createSessions({ clock }).visitToken(visit));
  });

  it('compare tokens of any length', () => {
    expect(isSameToken('abc', 'abc')).toBe(true);
    expect(isSameToken('abcd', 'abc')).toBe(false);
    expect(isSameToken(undefined, '')).toBe(false);
  });
});
