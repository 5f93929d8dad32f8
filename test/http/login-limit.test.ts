import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BridgeRig, createBridgeRig, SECRETS } from '../support/bridge-rig.ts';

describe('wrong logins over HTTPS', () => {
  let rig: BridgeRig;

  beforeAll(async () => {
    rig = await createBridgeRig();
    await rig.startBridge();
  });
  afterAll(async () => {
    await rig.close();
  });

  it('are answered with 429 and a time to wait after ten, while a right login goes on being answered', async () => {
    const wrong = () => rig.poll('', { password: 'wrong-password-text' });
    const statuses: number[] = [];
    for (let turn = 0; turn < 11; turn += 1) statuses.push((await wrong()).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
    const answer = await wrong();
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'LOGIN_LIMITED' });
    expect((await rig.poll()).status).toBe(200);
    expect((await rig.ask('/status.json', { user: 'ops', password: SECRETS.operator })).status).toBe(200);
  });
});
