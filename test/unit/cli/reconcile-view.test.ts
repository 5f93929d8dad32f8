import { describe, expect, it } from 'vitest';
import { isComplete, type ReconcileRow } from '../../../src/cli/reconcile-row.ts';
import { reconcileText } from '../../../src/cli/reconcile-view.ts';
import type { SourceComparison } from '../../../src/collector/reconcile.ts';
import type { FeedDelivery } from '../../../src/collector/reconcile-delivery.ts';
import { BridgeError } from '../../../src/domain/errors.ts';
import { instant } from '../../support/alerts.ts';

const NOW = Date.parse('2026-01-02T12:00:00Z');
const RANGE = { from: instant('2026-01-01T12:00:00Z'), to: instant('2026-01-02T12:00:00Z') };

function aComparison(overrides: Partial<SourceComparison> = {}): SourceComparison {
  const empty = { microsoft: 0, stored: [], missing: [], settling: 0, storedOnly: 0, unread: [] };
  return { range: RANGE, ...empty, ...overrides };
}

function aRow(overrides: Partial<ReconcileRow> = {}): ReconcileRow {
  return {
    tenant: 'contoso',
    api: 'graph-alerts',
    problem: null,
    comparison: aComparison(),
    feeds: [],
    ...overrides,
  };
}

function aFeed(overrides: Partial<FeedDelivery> = {}): FeedDelivery {
  return { feed: 'default', told: 0, keptOut: 0, gone: 0, untold: [], toldAgain: 0, connectors: [], ...overrides };
}

const nobody = { state: 'known', taken: 0, waiting: 0, leftOut: 0, passedOver: [] } as const;
const missing = { alertId: 'da-1', lastUpdate: RANGE.from, reason: 'absent', became: null } as const;

describe('the comparison for people', () => {
  it('has a line for each feed and connector, the numbers of the source in the first', () => {
    const connectors = [
      { ...nobody, connector: 'a', taken: 7, waiting: 2 },
      { ...nobody, connector: 'b', state: 'never', waiting: 9 } as const,
    ];
    const unknown = [{ ...nobody, connector: 'c', state: 'unknown' } as const];
    const feeds = [aFeed({ connectors, keptOut: 1, gone: 3 }), aFeed({ feed: 'bare', connectors: unknown })];
    const stored = Array.from({ length: 13 }, (_, index) => `da-${index}`);
    const text = reconcileText([aRow({ comparison: aComparison({ microsoft: 13, stored }), feeds })], NOW);
    expect(text.split('\n').slice(0, 4)).toEqual([
      'source                Microsoft has  stored  missing  feed     connector  took         waiting  kept out  deleted',
      'contoso/graph-alerts  13             13      0        default  a          7            2        1         3',
      '                                                      default  b          never asked  9        1         3',
      '                                                      bare     c          ?            ?        0         0',
    ]);
    expect(text).toMatch(/\nNothing is missing\.\n$/);
  });

  it('names a hundred of a long list, safe for a terminal, and says where all are', () => {
    const all = Array.from({ length: 102 }, (_, index) => ({ ...missing, alertId: `da-${index}\u001b[31m` }));
    const row = aRow({ comparison: aComparison({ microsoft: 102, missing: all }) });
    const text = reconcileText([row], NOW);
    expect(text).toContain(
      '\n  da-99\ufffd[31m  2026-01-01T12:00:00.0000000Z  no reason is known\n  and 2 more; --json',
    );
    expect(text).not.toContain('\u001b');
    expect(text).toMatch(/\nMissing: 102\. Fetch and deliver it: the same command with --fetch\.\n$/);
  });

  it('says what was fetched, what was set aside, and what stays unknown', () => {
    const became = { outcome: 'new', events: 2, keptOutOf: ['high'] } as const;
    const aside = { outcome: 'set-aside', events: 0, keptOutOf: [] } as const;
    const row = aRow({
      comparison: aComparison({
        microsoft: 2,
        missing: [
          { ...missing, became },
          { alertId: null, lastUpdate: null, reason: 'unreadable', became: aside },
        ],
        unread: [{ ...RANGE, code: 'UPSTREAM_FAILED', reason: 'Microsoft answered 500' }],
        settling: 4,
        storedOnly: 1,
      }),
    });
    const lines = reconcileText([row], NOW).split('\n');
    expect(lines.slice(3, 9)).toEqual([
      'contoso/graph-alerts, updated from 2026-01-01T12:00:00.0000000Z to 2026-01-02T12:00:00.0000000Z',
      '  da-1  2026-01-01T12:00:00.0000000Z  no reason is known  -> fetched: new, events: 2, kept out of high by its filter',
      '  a record without id  no update time  Microsoft sends it in a form that cannot be read  -> set aside',
      '  2026-01-01T12:00:00.0000000Z to 2026-01-02T12:00:00.0000000Z: not answered for [UPSTREAM_FAILED]: Microsoft answered 500',
      '  4 newer than settle: not due to be read yet',
      '  1 stored only: Microsoft no longer has them in this range, or they were updated since',
    ]);
    expect(lines.at(-2)).toBe(
      'Missing: 1. What is set aside: flexbridge quarantine list. Not everything could be compared.',
    );
  });

  it('tells of what became of alerts in a feed', () => {
    const connectors = [{ ...nobody, connector: 'a', leftOut: 5, passedOver: ['da-7'] }];
    const feeds = [aFeed({ untold: ['da-8', 'da-9'], toldAgain: 1, connectors })];
    const text = reconcileText([aRow({ feeds })], NOW);
    expect(text).toContain(
      [
        '  stored, and without an event in the feed default, which takes them; told again: 1:',
        '  da-8',
        '  da-9',
        '  given up in the feed default after many failed tries of a; once more by flexbridge replay:',
        '  da-7',
        '  5 left to the connector before a in the feed default (cut-over)',
      ].join('\n'),
    );
    expect(text).toMatch(/\nWithout an event in a feed: 1\. Fetch and deliver it/);
  });
});

describe('a comparison', () => {
  it('is complete when nothing is missing any more and everything was compared', () => {
    const fetched = { ...missing, became: { outcome: 'new', events: 1, keptOutOf: [] } } as const;
    const problem = new BridgeError({ code: 'X', kind: 'operator', message: 'no', hint: 'yes' });
    const rows = [
      aRow(),
      aRow({ comparison: aComparison({ missing: [fetched], settling: 3, storedOnly: 3 }) }),
      aRow({ feeds: [aFeed({ untold: ['da-1'], toldAgain: 1, keptOut: 3, gone: 3 })] }),
      aRow({ feeds: [aFeed({ connectors: [{ ...nobody, connector: 'a', waiting: 3, passedOver: ['da-1'] }] })] }),
      aRow({ comparison: aComparison({ missing: [missing] }) }),
      aRow({ comparison: aComparison({ unread: [{ ...RANGE, code: null, reason: 'poison' }] }) }),
      aRow({ feeds: [aFeed({ untold: ['da-1'] })] }),
      aRow({ problem, comparison: null }),
    ];
    expect(rows.map(isComplete)).toEqual([true, true, true, true, false, false, false, false]);
  });
});
