import { describe, expect, it } from 'vitest';
import { verdict } from '../../../src/domain/verdict.ts';
import { aConnector, aFinding, aSnapshot, aSource, trouble } from '../../support/status-builder.ts';

const SOURCE = 'contoso/graph-alerts';
const FAILED = aSource({ state: 'failed', failures: 3 });
const NEVER_ASKED = aConnector({ lastPollMs: null, lastDeliveredMs: null, backlog: null, time: null, guarantee: null });

function manyTenants(count: number): readonly ReturnType<typeof aSource>[] {
  return Array.from({ length: count }, (_none, index) => aSource({ tenant: `tenant-${index}` }));
}

describe('the verdict', () => {
  it('is that detections reach ArcSight where nothing is wrong', () => {
    expect(verdict(aSnapshot())).toEqual({ state: 'ok', sentence: 'Detections reach ArcSight.', troubles: [] });
  });

  it('counts what needs a look while detections do reach ArcSight', () => {
    const findings = [trouble('credentials.initial', '/data/initial-credentials', 'warning'), aFinding({})];
    expect(verdict(aSnapshot({ findings }))).toEqual({
      state: 'ok',
      sentence: 'Detections reach ArcSight; one thing needs a look.',
      troubles: [],
    });
    const two = [...findings, trouble('config', 'feeds', 'warning')];
    expect(verdict(aSnapshot({ findings: two })).sentence).toBe('Detections reach ArcSight; 2 things need a look.');
  });

  it('tells a failure beside the chain as a trouble', () => {
    const certificate = trouble('certificate', 'CN=bridge');
    expect(verdict(aSnapshot({ findings: [certificate] }))).toEqual({
      state: 'attention',
      sentence: 'Detections reach ArcSight; one thing needs a look.',
      troubles: [certificate],
    });
  });

  it('names the one of 50 tenants whose detections do not come', () => {
    const sources = [...manyTenants(49), aSource({ state: 'failed' })];
    const polls = trouble('source.poll', SOURCE);
    expect(verdict(aSnapshot({ sources, findings: [polls] }))).toEqual({
      state: 'broken',
      sentence: 'Detections of 1 of 50 tenants do not reach ArcSight: contoso.',
      troubles: [polls],
    });
  });

  it('names three of many tenants and counts the rest', () => {
    const sources = [...manyTenants(5).map((row) => ({ ...row, state: 'failed' as const })), aSource()];
    expect(verdict(aSnapshot({ sources })).sentence).toBe(
      'Detections of 5 of 6 tenants do not reach ArcSight: tenant-0, tenant-1, tenant-2 and 2 more.',
    );
  });

  it('tells a reason that a tenant and its source share only once', () => {
    const polls = { ...trouble('source.poll', SOURCE), meaning: 'Refused.', remedy: 'Renew.' };
    const token = { ...polls, id: 'token', subject: 'contoso' } as const;
    expect(verdict(aSnapshot({ sources: [FAILED], findings: [token, polls] })).troubles).toEqual([polls]);
  });

  it.each([
    [[FAILED], 'Detections do not reach ArcSight: none can be had from Microsoft for contoso.'],
    [
      manyTenants(50).map((row) => ({ ...row, state: 'failed' as const })),
      'Detections do not reach ArcSight: none can be had from Microsoft for any of the 50 tenants.',
    ],
    [
      [FAILED, aSource({ source: 'defender-alerts' })],
      'Some detections do not reach ArcSight: graph-alerts of contoso fails.',
    ],
  ])('is broken at Microsoft (%#)', (sources, sentence) => {
    expect(verdict(aSnapshot({ sources }))).toMatchObject({ state: 'broken', sentence });
  });

  it('is broken at the store before all else', () => {
    const unreadable = trouble('store', 'store');
    const empty = { findings: [unreadable], sources: [], feeds: [], connectors: [] };
    expect(verdict(aSnapshot(empty))).toEqual({
      state: 'broken',
      sentence: 'Detections do not reach ArcSight: the store cannot be read.',
      troubles: [unreadable],
    });
    expect(verdict(aSnapshot({ findings: [trouble('store.writable', 'store')] }))).toMatchObject({
      state: 'broken',
      sentence: 'New detections do not reach ArcSight: the store cannot be written.',
    });
  });

  it('is broken where the connector has stopped asking', () => {
    const polls = trouble('connector.poll', 'arcsight-01/default');
    expect(verdict(aSnapshot({ findings: [polls] }))).toEqual({
      state: 'broken',
      sentence: 'Detections do not reach ArcSight: the connector arcsight-01 does not take them.',
      troubles: [polls],
    });
    const other = aConnector({ connector: 'arcsight-02' });
    expect(verdict(aSnapshot({ findings: [polls], connectors: [aConnector(), other] })).sentence).toBe(
      'Some detections do not reach ArcSight: not taken by arcsight-01 (feed default).',
    );
  });

  it('does not take a connector that never asked for one that takes events', () => {
    const polls = trouble('connector.poll', 'arcsight-01/default');
    const other = { ...NEVER_ASKED, connector: 'arcsight-02' };
    const findings = [polls, trouble('connector.poll', 'arcsight-02/default', 'warning')];
    expect(verdict(aSnapshot({ findings, connectors: [aConnector(), other] })).sentence).toBe(
      'Detections do not reach ArcSight: the connector arcsight-01 does not take them.',
    );
  });

  it('says what is late, and takes a connector with a cursor of its own for one that works', () => {
    const degraded = aSource({ state: 'degraded', failures: 1 });
    expect(verdict(aSnapshot({ sources: [degraded] }))).toMatchObject({
      state: 'attention',
      sentence: 'Detections of contoso reach ArcSight late.',
    });
    expect(verdict(aSnapshot({ sources: [degraded, ...manyTenants(1)] })).sentence).toBe(
      'Detections of 1 of 2 tenants reach ArcSight late: contoso.',
    );
    const backlog = trouble('source.backlog', SOURCE, 'warning');
    expect(verdict(aSnapshot({ findings: [backlog] })).troubles).toEqual([backlog]);
    const delivery = trouble('connector.delivery', 'arcsight-01/default', 'warning');
    expect(verdict(aSnapshot({ findings: [delivery] })).sentence).toBe(
      'Detections may reach ArcSight late: look at the connector arcsight-01.',
    );
    expect(verdict(aSnapshot({ connectors: [NEVER_ASKED, aConnector()] })).state).toBe('ok');
  });

  it('waits where nothing was heard yet', () => {
    const starting = aSource({ state: 'starting', lastSuccessMs: null, watermarkMs: null });
    expect(verdict(aSnapshot({ sources: [starting], connectors: [NEVER_ASKED] }))).toMatchObject({
      state: 'waiting',
      sentence: 'Nothing has reached ArcSight yet: the first answer of Microsoft is awaited.',
    });
    const findings = [trouble('connector.poll', 'arcsight-01/default', 'warning')];
    expect(verdict(aSnapshot({ findings, connectors: [NEVER_ASKED] }))).toMatchObject({
      state: 'waiting',
      sentence: 'Nothing has reached ArcSight yet: no connector has asked for events.',
    });
    expect(verdict(aSnapshot({ connectors: [aConnector({ lastDeliveredMs: null })] })).sentence).toBe(
      'The chain stands; no detection has been delivered to ArcSight yet.',
    );
    expect(verdict(aSnapshot({ sources: [] })).sentence).toBe('No tenant is set up yet.');
    expect(verdict(aSnapshot({ connectors: [] })).sentence).toBe('No connector is set up yet.');
  });

  it('does not say that nothing was delivered where nobody can know', () => {
    const unknown = aConnector({ lastDeliveredMs: null, backlog: null });
    expect(verdict(aSnapshot({ connectors: [unknown] })).sentence).toBe('Detections reach ArcSight.');
  });
});
