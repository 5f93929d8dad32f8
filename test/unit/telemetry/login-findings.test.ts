import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/domain/finding.ts';
import type { LoginFailure } from '../../../src/store/login-failures.ts';
import { findings } from '../../../src/telemetry/findings.ts';
import type { Observations, SeenConnector } from '../../../src/telemetry/observations.ts';
import { aPosition } from '../../contract/detection-store.ts';
import { ANY_CONNECTOR, NOW, observations } from './metrics-builder.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

function aFailure(overrides: Partial<LoginFailure> = {}): LoginFailure {
  const facts = { connector: 'arcsight-01', address: '192.0.2.7', by: 'basic', failures: 12 } as const;
  return { ...facts, firstMs: NOW - 10 * MINUTE, lastMs: NOW - MINUTE, ...overrides };
}

function polled(lastPollMs: number | null, overrides: Partial<SeenConnector> = {}): SeenConnector {
  const position = lastPollMs === null ? null : aPosition({ lastPollMs, lastDeliveredMs: lastPollMs });
  return { ...ANY_CONNECTOR, position, waiting: null, ...overrides };
}

function rows(changes: Partial<Observations>): readonly Finding[] {
  return findings(observations({ loginFailures: [aFailure()], ...changes })).filter(
    ({ id }) => id === 'connector.login',
  );
}

describe('a connector whose logins are refused', () => {
  it('and that has never polled has failed: the row says how often, from where, since when and what to do', () => {
    const [row, ...more] = rows({ connectors: [polled(null)] });
    expect(more).toEqual([]);
    expect(row).toMatchObject({ state: 'failed', subject: 'arcsight-01', sinceMs: NOW - 10 * MINUTE });
    expect(row?.meaning).toMatch(/12 wrong logins since .*Z, the last at .*Z from 192\.0\.2\.7 by user name/);
    expect(row?.meaning).toContain('it has never polled');
    expect(row?.remedy).toContain('flexbridge connector rotate arcsight-01');
    expect(row?.remedy).toContain('docs/logins.md');
  });

  it('stands before what says that it does not poll', () => {
    for (const connectors of [[polled(null)], [polled(NOW - DAY)]]) {
      const ids = findings(observations({ loginFailures: [aFailure()], connectors })).map(({ id }) => id);
      expect(ids.indexOf('connector.login')).toBeLessThan(ids.indexOf('connector.poll'));
    }
  });

  it.each([
    ['has polled since', [polled(NOW)], 0],
    ['has polled at the same time', [polled(NOW - MINUTE)], 0],
    ['polled before that', [polled(NOW - MINUTE - 1)], 1],
    ['has read with a cursor since', [polled(null, { cursorReadMs: NOW })], 0],
    ['has polled another feed since', [polled(null), polled(NOW, { feed: 'hunting' })], 0],
    ['reads two feeds and neither since', [polled(null), polled(null, { feed: 'hunting' })], 1],
    ['is no connector any more', [polled(null, { name: 'other' })], 0],
  ] as const)('and that %s', (_, connectors, expected) => {
    expect(rows({ connectors })).toHaveLength(expected);
  });

  it('is told for a day', () => {
    const connectors = [polled(null)];
    expect(rows({ connectors, loginFailures: [aFailure({ lastMs: NOW - DAY })] })).toHaveLength(1);
    expect(rows({ connectors, loginFailures: [aFailure({ lastMs: NOW - DAY - 1 })] })).toEqual([]);
  });

  it.each([
    ['bearer', 'flexbridge token create'],
    ['certificate', 'fingerprint'],
    ['clientSecret', 'client secret'],
    ['urlKey', 'rotate'],
  ] as const)('by %s has the remedy of that login', (by, words) => {
    const [row] = rows({ connectors: [polled(null)], loginFailures: [aFailure({ by })] });
    expect(`${row?.meaning ?? ''} ${row?.remedy ?? ''}`).toContain(words);
  });
});

describe('wrong logins under names that nobody has', () => {
  const loginFailures = [aFailure({ connector: '', by: 'basic' })];

  it('are a warning while a connector does not poll', () => {
    const [row] = rows({ loginFailures, connectors: [polled(null), polled(NOW, { name: 'arcsight-02' })] });
    expect(row).toMatchObject({ state: 'warning', subject: 'unknown names' });
    expect(row?.meaning).toContain('while this does not poll: arcsight-01.');
  });

  it('are none while all do', () => {
    expect(rows({ loginFailures, connectors: [polled(NOW)] })).toEqual([]);
    expect(rows({ loginFailures, connectors: [] })).toEqual([]);
  });

  it('name a few of many connectors', () => {
    const connectors = ['a', 'b', 'c', 'd', 'e'].map((name) => polled(null, { name }));
    expect(rows({ loginFailures, connectors })[0]?.meaning).toContain('while this does not poll: a, b, c and 2 more.');
  });
});
