import { describe, expect, it } from 'vitest';
import { load, problemsOf, tenantYaml, yamlWith } from './config-folder.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

async function warningsOf(...lines: readonly string[]): Promise<readonly string[]> {
  const { warnings } = await load(yamlWith(...lines));
  return warnings.map(({ path, message, remedy }) => `${path} | ${message} | ${remedy}`);
}

describe('retention', () => {
  it('keeps 30 days, what nobody has taken 90 days, and knows no size unless told', async () => {
    const { store } = await load(yamlWith());
    expect(store.retention).toEqual({ ageMs: 30 * DAY, sizeBytes: null, undeliveredMs: 90 * DAY });
  });

  it.each([
    ['20GB', 20e9],
    ['20GiB', 20 * 2 ** 30],
    ['123456789', 123_456_789],
    ['off', null],
    ['', null],
  ])('takes a size of %j', async (size, bytes) => {
    const { store } = await load(yamlWith(`store: { retention: { age: 7d, size: ${size}, undelivered: 7d } }`));
    expect(store.retention).toEqual({ ageMs: 7 * DAY, sizeBytes: bytes, undeliveredMs: 7 * DAY });
  });

  it('takes all of it from the environment', async () => {
    const { store } = await load(yamlWith(), {
      FLEXBRIDGE_STORE__RETENTION__AGE: '1d',
      FLEXBRIDGE_STORE__RETENTION__SIZE: '1GB',
      FLEXBRIDGE_STORE__RETENTION__UNDELIVERED: '2d',
    });
    expect(store.retention).toEqual({ ageMs: DAY, sizeBytes: 1e9, undeliveredMs: 2 * DAY });
  });

  it('does not let go sooner of what nobody has taken than of the rest', async () => {
    expect(await problemsOf(yamlWith('store: { retention: { undelivered: 29d } }'))).toEqual([
      '5 | store.retention.undelivered | 29d is less than age (30d): what nobody has taken would go before what everybody has | Raise undelivered, or lower age.',
    ]);
  });

  it('keeps everything for some time', async () => {
    expect(await problemsOf(yamlWith('store: { retention: { age: 0d } }'))).toEqual([
      expect.stringMatching(/^5 \| store\.retention\.age \| must be more than 0/),
    ]);
  });
});

describe('alarms', () => {
  it('have defaults', async () => {
    const { alarms } = await load(yamlWith());
    expect(alarms).toEqual({
      connectorSilentMs: 5 * MINUTE,
      connectorFailedMs: 15 * MINUTE,
      nothingDeliveredMs: null,
      undeliveredMs: HOUR,
      freeBytes: 1e9,
    });
  });

  it('take what is given, and off', async () => {
    const { alarms } = await load(
      yamlWith(
        'alarms: { connectorSilent: 1m, connectorFailed: 1m, nothingDelivered: 30m, undelivered: off, freeSpace: off }',
      ),
    );
    expect(alarms).toEqual({
      connectorSilentMs: MINUTE,
      connectorFailedMs: MINUTE,
      nothingDeliveredMs: 30 * MINUTE,
      undeliveredMs: null,
      freeBytes: null,
    });
  });

  it.each([
    ['connectorFailed: 4m', 'alarms.connectorFailed', '4m is less than connectorSilent (5m)'],
    ['connectorSilent: 0s', 'alarms.connectorSilent', 'must be more than 0'],
    ['connectorSilent: off', 'alarms.connectorSilent', 'must be a duration'],
    ['nothingDelivered: never', 'alarms.nothingDelivered', 'must be off, or a duration'],
    ['freeSpace: 10%', 'alarms.freeSpace', 'must be off, or a size'],
  ])('are refused where they make no sense: %s', async (line, path, message) => {
    expect(await problemsOf(yamlWith(`alarms: { ${line} }`))).toEqual([
      expect.stringContaining(`5 | ${path} | ${message}`),
    ]);
  });

  it('of silence in spite of a heartbeat must leave room for one', async () => {
    const feeds = 'feeds: [{ name: a, heartbeat: 10m }, { name: b, heartbeat: 5m }, { name: c }]';
    expect(await warningsOf(feeds, 'alarms: { nothingDelivered: 10m }')).toEqual([
      "alarms.nothingDelivered | 10m is not longer than feed a's heartbeat: the finding would come and go between two of them | Raise it to three times the heartbeat.",
    ]);
    expect(await warningsOf(feeds, 'alarms: { nothingDelivered: 30m }')).toEqual([]);
  });
});

describe('a feed', () => {
  it('has no heartbeat, and no updates in the old form, unless told', async () => {
    const { feeds } = await load(yamlWith('feeds: [{ name: a }, { name: b, heartbeat: 5m, legacyUpdates: true }]'));
    expect(feeds.map(({ heartbeatMs, legacyUpdates }) => [heartbeatMs, legacyUpdates])).toEqual([
      [null, false],
      [5 * MINUTE, true],
    ]);
  });

  it.each(['59s', '25h', '0s'])('has no heartbeat of %s', async (heartbeat) => {
    expect(await problemsOf(yamlWith(`feeds: [{ heartbeat: ${heartbeat} }]`))).toEqual([
      expect.stringContaining(`5 | feeds[0].heartbeat | must be off, or from 1m to 24h, not ${heartbeat}`),
    ]);
  });

  it('takes its settings from the environment', async () => {
    const { feeds } = await load(`tenants:\n${tenantYaml()}`, {
      FLEXBRIDGE_FEEDS__0__HEARTBEAT: '1m',
      FLEXBRIDGE_FEEDS__0__LEGACY_UPDATES: 'true',
    });
    expect(feeds).toMatchObject([{ name: 'default', heartbeatMs: MINUTE, legacyUpdates: true }]);
  });

  it('may keep no position, and is warned of what that gives up', async () => {
    const config = await load(yamlWith('feeds: [{ acknowledge: none }]'));
    expect(config.feeds[0]?.acknowledge).toBe('none');
    expect(config.warnings).toMatchObject([
      { path: 'feeds[0].acknowledge', message: expect.stringContaining('is not sent again') as string },
    ]);
  });
});
