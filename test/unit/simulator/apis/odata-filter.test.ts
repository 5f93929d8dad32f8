import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALERTS, alert, ids, json, type Rig, START_MS, startRig, TENANT } from '../simulator-client.ts';

let rig: Rig;
afterEach(() => rig.simulator.stop());

function filtered(filter: string): string {
  return `${ALERTS}?$filter=${encodeURIComponent(filter)}`;
}

describe('the filter of the simulated alerts', () => {
  beforeEach(async () => {
    rig = await startRig();
    const put = (id: string, lastUpdateDateTime: string, members = {}) => {
      rig.simulator.world.put(TENANT, alert(id, { lastUpdateDateTime, ...members }), START_MS - 1);
    };
    put('a', '2026-11-20T07:00:00.1234566Z');
    put('b', '2026-11-20T07:00:00.1234567Z', { status: 'resolved' });
    put('c', '2026-11-20T07:00:00.12345670Z', { severity: 'low' });
    put('d', '2026-11-20T07:00:00.1234568Z', { serviceSource: 'microsoftSentinel' });
  });

  it.each([
    ['lastUpdateDateTime ge 2026-11-20T07:00:00.1234567Z', ['b', 'c', 'd']],
    ['lastUpdateDateTime gt 2026-11-20T07:00:00.1234567Z', ['d']],
    ['lastUpdateDateTime le 2026-11-20T07:00:00.1234567Z', ['a', 'b', 'c']],
    ['lastUpdateDateTime lt 2026-11-20T07:00:00.1234567Z', ['a']],
    ['lastUpdateDateTime eq 2026-11-20T07:00:00.1234567Z', ['b', 'c']],
    ['lastUpdateDateTime ge 2026-11-20T08:00:00.1234567+01:00', ['b', 'c', 'd']],
    ['createdDateTime eq 2026-11-20T07:00:00.1234567Z', ['a', 'b', 'c', 'd']],
    ['createdDateTime lt 2026-11-20T07:00Z', []],
    ["status eq 'resolved'", ['b']],
    ["severity eq 'low'", ['c']],
    ["serviceSource eq 'microsoftSentinel'", ['d']],
    [
      "(lastUpdateDateTime ge 2026-11-20T07:00:00.1234567Z and (lastUpdateDateTime lt 2026-11-20T07:00:00.1234568Z)) and status eq 'new'",
      ['c'],
    ],
  ])('takes %s', async (filter, expected) => {
    const answer = await rig.graph(filtered(filter));
    expect(answer.status).toBe(200);
    expect(ids(answer).toSorted()).toEqual(expected);
  });

  it.each([
    "lastUpdateDateTime ge '2026-11-20T07:00:00Z'",
    'lastUpdateDateTime ge 2026-11-20T07:00:00',
    'lastUpdateDateTime ge 2026-11-20',
    'lastUpdateDateTime ge 2026-02-30T00:00:00Z',
    'lastUpdateDateTime ne 2026-11-20T07:00:00Z',
    'lastUpdateDateTime ge 2026-11-20T07:00:00Z or createdDateTime ge 2026-11-20T07:00:00Z',
    'not (createdDateTime ge 2026-11-20T07:00:00Z)',
    '(createdDateTime ge 2026-11-20T07:00:00Z',
    'createdDateTime ge 2026-11-20T07:00:00Z)',
    'createdDateTime ge 2026-11-20T07:00:00Z and',
    "title eq 'x'",
    "investigationState eq 'running'",
    'status eq new',
    "status eq 'New'",
    "status ne 'new'",
    "status eq 'new",
    '',
  ])('refuses %s', async (filter) => {
    const answer = await rig.graph(filtered(filter));
    expect(answer.status).toBe(400);
    expect(json(answer)).toMatchObject({ error: { code: 'BadRequest' } });
  });
});
