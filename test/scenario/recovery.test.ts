import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bridge, createBridge } from '../../src/bridge.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';
import { type BridgeRig, createBridgeRig, SECRETS, TENANT } from '../support/bridge-rig.ts';
import { type HeldClock, heldClock } from '../support/held-clock.ts';
import { type Answer, ask } from '../support/https.ts';
import { configOf, expectParts, runHere } from './bad-input-rig.ts';

const EVERY_SECOND = '* * * * * *';
/** The first wait after a failure (15 s) with the most jitter, and more. */
const FIRST_WAIT_MS = 20_000;

type Named<Name extends BridgeEvent['name']> = Extract<BridgeEvent, { name: Name }>;

/** The bridge of a rig's configuration on a clock that the test moves; its schedule goes by the real one. */
interface Recovery {
  readonly rig: BridgeRig;
  readonly clock: HeldClock;
  /** The next event of that name, from the call on. */
  readonly next: <Name extends BridgeEvent['name']>(name: Name) => Promise<Named<Name>>;
  readonly start: () => Promise<void>;
  /** As an operator. */
  readonly ask: (path: string) => Promise<Answer>;
}

describe('a bridge in trouble', () => {
  let rig: BridgeRig | null = null;
  let bridge: Bridge | null = null;

  afterEach(async () => {
    await bridge?.stop();
    await rig?.close();
    [rig, bridge] = [null, null];
  });

  async function recovery(options: { clientSecret?: string } = {}): Promise<Recovery> {
    const made = await createBridgeRig({ ...options, schedule: EVERY_SECOND });
    rig = made;
    const clock = heldClock(Date.now());
    const waiting = new Set<(event: BridgeEvent) => void>();
    const emit = (event: BridgeEvent): void => {
      for (const look of waiting) look(event);
    };
    let url = '';
    return {
      rig: made,
      clock,
      next: <Name extends BridgeEvent['name']>(name: Name) =>
        new Promise<Named<Name>>((resolve) => {
          const look = (event: BridgeEvent): void => {
            if (!isNamed(event, name)) return;
            waiting.delete(look);
            resolve(event);
          };
          waiting.add(look);
        }),
      async start() {
        const config = await loadConfig({ argvPath: join(made.folder, 'flexbridge.yaml'), env: {} });
        bridge = createBridge(config, { emit, clock, version: '0.0.0-test', pid: process.pid });
        url = (await bridge.start()).url.replace('127.0.0.1', 'localhost');
      },
      ask: (path) =>
        ask(`${url}${path}`, readFileSync(join(made.folder, 'data', 'tls', 'ca.pem'), 'utf8'), {
          user: 'ops',
          password: SECRETS.operator,
        }),
    };
  }

  it('starts while Microsoft cannot be reached, says so everywhere, and collects by itself once it can', async () => {
    const { rig: made, clock, next, start, ask: asked } = await recovery();
    const port = await portOf(made);
    await made.simulator.stop();
    const failure = next('pollFailed');
    await start();
    expect((await failure).error).toMatchObject({ code: 'NETWORK_REFUSED', kind: 'transient' });
    // Only now: on a slow machine the first poll itself may be the reason why one is skipped.
    const skipped = next('pollSkipped');

    const ready = await asked('/readyz');
    expect(ready.status).toBe(200);
    const { status, reasons } = JSON.parse(ready.body) as { status: string; reasons: readonly string[] };
    expect(status).toBe('degraded');
    expect(reasons).toEqual(expect.arrayContaining(['token: warning', 'source.poll: warning']));
    const doctor = await runHere(['doctor', ...configOf(made.folder)], made.folder);
    const snapshot = await runHere(['status', ...configOf(made.folder)], made.folder);
    for (const { out } of [doctor, snapshot]) expectParts(out, ['the connection was refused', 'firewall']);
    expect(doctor.out).toContain(`ok      instance  serve\n          The bridge is running (pid ${process.pid}).`);
    const feed = await asked('/v1/feeds/default/detections');
    expect([feed.status, feed.body]).toEqual([200, '[]']);

    await made.simulator.start(port);
    expect((await skipped).reason).toBe('waiting');
    const finished = next('pollFinished');
    clock.step(FIRST_WAIT_MS);
    await finished;
    const events = JSON.parse((await asked('/v1/feeds/default/detections')).body) as { AlertId: string }[];
    const had = made.simulator.world.visible(TENANT, Date.now()).map(({ id }) => id);
    expect(new Set(events.map(({ AlertId }) => AlertId))).toEqual(new Set(had));
    const after = JSON.parse((await asked('/readyz')).body) as { reasons: readonly string[] };
    expect(after.reasons.filter((reason) => /^(token|source)/.test(reason))).toEqual([]);
  });

  it('goes on after the missing permission was granted, and has lost nothing of the time between', async () => {
    const { rig: made, clock, next, start, ask: asked } = await recovery();
    made.simulator.failNext(1, { status: 403 });
    const failure = next('pollFailed');
    await start();
    expect((await failure).error).toMatchObject({ code: 'UPSTREAM_FORBIDDEN', kind: 'operator' });
    expect(JSON.parse((await asked('/readyz')).body)).toMatchObject({
      status: 'degraded',
      reasons: expect.arrayContaining(['source.poll: failed']) as unknown,
    });
    const finished = next('pollFinished');
    clock.step(FIRST_WAIT_MS);
    expect((await finished).fresh).toBe(made.simulator.world.visible(TENANT, Date.now()).length);
  });

  it('with a wrong secret collects everything once the file holds the right one, without a restart', async () => {
    const { rig: made, clock, next, start } = await recovery({ clientSecret: 'not-the-secret' });
    const failure = next('pollFailed');
    await start();
    expect((await failure).error.code).toBe('TOKEN_SECRET_WRONG');
    writeFileSync(join(made.folder, 'client-secret'), SECRETS.client);
    const finished = next('pollFinished');
    clock.step(FIRST_WAIT_MS);
    expect((await finished).fresh).toBe(made.simulator.world.visible(TENANT, Date.now()).length);
  });
});

function isNamed<Name extends BridgeEvent['name']>(event: BridgeEvent, name: Name): event is Named<Name> {
  return event.name === name;
}

async function portOf({ folder }: BridgeRig): Promise<number> {
  const { tenants } = await loadConfig({ argvPath: join(folder, 'flexbridge.yaml'), env: {} });
  return Number(new URL(tenants[0]?.endpoints.graph ?? '').port);
}
