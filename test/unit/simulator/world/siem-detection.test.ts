import { describe, expect, it } from 'vitest';
import { firstDevice } from '../../../../src/simulator/world/endpoint-alert.ts';
import { toSiemDetections } from '../../../../src/simulator/world/siem-detection.ts';
import { createWorld } from '../../../../src/simulator/world.ts';
import { alert, START_MS, TENANT } from '../simulator-client.ts';

const HOUR_MS = 3_600_000;

describe('detections of the SIEM exporter', () => {
  it('come up with the time they were processed at, but for some of a late alert, which bear an older one', () => {
    const late = { share: 0.1, fromMs: HOUR_MS, toMs: 6 * HOUR_MS };
    const options = { startMs: START_MS, backlog: 0, live: 500, livePeriodMs: 10_000, late };
    const world = createWorld({ seed: 5, tenantIds: [TENANT], options });
    const lags = toSiemDetections(world.versions(TENANT)).map(
      ({ processedAt, visibleAtMs }) => visibleAtMs - Date.parse(processedAt),
    );
    expect(Math.min(...lags)).toBeGreaterThan(0);
    const old = lags.filter((lag) => lag > HOUR_MS - 1000).length;
    expect(old).toBeGreaterThan(0);
    expect(old).toBeLessThan(lags.length / 10);
    expect(lags.filter((lag) => lag <= 2)).toHaveLength(lags.length - old);
  });
});

describe('the device of an alert', () => {
  const device = (mdeDeviceId: string, role: string) => ({
    '@odata.type': '#microsoft.graph.security.deviceEvidence',
    mdeDeviceId,
    roles: [role],
  });

  it('is the compromised one, in whatever order the evidence comes', () => {
    const evidence = [device('one', 'compromised'), device('two', 'attacked')];
    expect(firstDevice(alert('da1', { evidence }))?.['mdeDeviceId']).toBe('one');
    expect(firstDevice(alert('da1', { evidence: evidence.toReversed() }))?.['mdeDeviceId']).toBe('one');
  });
});
