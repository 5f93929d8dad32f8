import { describe, expect, it } from 'vitest';
import { type AcknowledgementModel, createAcknowledgementModel } from '../../support/acknowledgement-model.ts';
import { type Sight, writtenTime } from '../../support/acknowledgement-rules.ts';

const START = Date.UTC(2026, 0, 1);

interface Sent {
  /** First and last FeedSeq; null: nobody saw the answer; empty: nothing was pending. */
  readonly page: { readonly from: number; readonly to: number } | 'empty' | null;
  /** The connector's time: seconds after the start; null: none. */
  readonly since: number | null;
  readonly sight?: Sight;
}

const events = (from: number, to: number) => ({ from, to });

/** Exchanges ten seconds apart, each page stamped with the time it was sent at. */
function follow(model: AcknowledgementModel, ...exchanges: readonly Sent[]) {
  return exchanges.map(({ page, since, sight = 'clean' }, index) => {
    const sentMs = START + index * 10_000 + 7;
    const { from, to } = page === null || page === 'empty' ? { from: 1, to: 0 } : page;
    const seqs = Array.from({ length: to - from + 1 }, (_, at) => from + at);
    return model.exchange({
      since: since === null ? null : writtenTime(new Date(START + since * 1000 + 3).toISOString()),
      sentMs,
      endedMs: sentMs + 5,
      page: page === null ? null : { seqs, stampMs: seqs.length === 0 ? null : sentMs },
      sight,
      why: '',
    });
  });
}

const verdicts = (...exchanges: readonly Sent[]) =>
  follow(createAcknowledgementModel(), ...exchanges).map(({ violation, repeatedBecause }) =>
    violation === null ? (repeatedBecause ?? 'new') : 'violation',
  );

describe('the model of the acknowledgement', () => {
  it('lets a page go when the time has moved after a clean try', () => {
    expect(verdicts({ page: events(1, 4), since: 1 }, { page: events(5, 8), since: 2 })).toEqual(['new', 'new']);
  });

  it('does not let the bridge keep such a page', () => {
    expect(verdicts({ page: events(1, 4), since: 1 }, { page: events(1, 4), since: 2 })[1]).toBe('violation');
  });

  it('does not let a page go of which the connector broke off', () => {
    const cut = { page: events(1, 4), since: 1, sight: 'broken' } as const;
    expect(verdicts(cut, { page: events(5, 8), since: 2 })[1]).toBe('violation');
    expect(verdicts(cut, { page: events(1, 2), since: 2 })[1]).toBe('not proved');
    expect(verdicts(cut, { page: events(1, 4), since: 2 })[1]).toBe('violation');
  });

  it('does not let a page go that nobody saw', () => {
    expect(
      verdicts(
        { page: events(1, 4), since: 1 },
        { page: null, since: 2, sight: 'broken' },
        { page: events(9, 12), since: 3 },
      )[2],
    ).toBe('violation');
  });

  it('takes either answer where the connector was gone while the page was on its way', () => {
    const gone = { page: null, since: 1, sight: 'maybe' } as const;
    expect(verdicts(gone, { page: events(1, 4), since: 2 })[1]).toBe('not proved');
    expect(verdicts(gone, { page: events(5, 8), since: 2 })[1]).toBe('new');
  });

  it('lets a page of a time that never moves go after two clean tries, and not before', () => {
    const again = { page: events(1, 4), since: 1 } as const;
    expect(verdicts(again, again, { page: events(5, 8), since: 1 })).toEqual(['new', 'the same time', 'new']);
    expect(verdicts(again, { page: events(5, 8), since: 1 })[1]).toBe('violation');
    expect(verdicts(again, again, again)[2]).toBe('violation');
  });

  it('predicts what is lost: acknowledged, whoever has processed it', () => {
    const model = createAcknowledgementModel();
    follow(model, { page: events(1, 4), since: 1 }, { page: events(5, 8), since: 2 }, { page: 'empty', since: 3 });
    expect(model.taken().map(({ from, to, by }) => [from, to, by])).toEqual([
      [1, 4, 'progress'],
      [5, 8, 'progress'],
    ]);
    expect(model.acknowledged()).toBe(8);
  });

  it('does not let an empty answer pass while a page is pending', () => {
    expect(verdicts({ page: events(1, 4), since: 1, sight: 'broken' }, { page: 'empty', since: 2 })[1]).toBe(
      'violation',
    );
  });

  it('takes a page that was in flight when the bridge ended for delivered or not, and nothing else', () => {
    const afterwards = (from: number, to: number) => {
      const model = createAcknowledgementModel();
      follow(model, { page: events(1, 4), since: 1 });
      model.bridgeEnded();
      return follow(model, { page: events(from, to), since: 2 })[0]?.violation ?? null;
    };
    expect([afterwards(1, 2), afterwards(5, 8)]).toEqual([null, null]);
    expect(afterwards(3, 6)).not.toBeNull();
  });
});
