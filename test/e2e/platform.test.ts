import { chownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { fieldsOf, listOf, readCompose } from '../support/compose.ts';
import { execForm, parseDockerfile, textsOf } from '../support/dockerfile.ts';
import type { Running } from '../support/follow-process.ts';
import { ask } from '../support/https.ts';
import { createImageRoot, type ImageRoot, whyNoImageRoot } from '../support/image-root.ts';
import { reportNotRun } from '../support/java.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const SECRET = 'the~client/secret+value';
const SECRET_FILE = '/run/secrets/client-secret';

const stages = parseDockerfile(readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8'));
const [build, runtime] = stages;
if (build === undefined || runtime === undefined) throw new Error('the Dockerfile has fewer than two stages');
const stopSignal = textsOf(runtime.instructions, 'STOPSIGNAL').at(-1);
const healthcheck = execForm(textsOf(runtime.instructions, 'HEALTHCHECK').at(-1) ?? '');
const compose = readCompose(new URL('../../docker-compose.yml', import.meta.url));

describe('what the image holds, run as the image would run it', () => {
  const reason = whyNoImageRoot();
  if (reason !== null) {
    reportNotRun('what the image holds, run as the image would run it', reason);
    it('has a reason for not being run', () => {
      expect(reason).not.toBe('');
    });
    return;
  }

  let image: ImageRoot;
  let simulator: Simulator | null;
  let bridge: Running | null;

  beforeAll(() => {
    const [tmp = ''] = listOf(compose.service('bridge')['tmpfs'], 'tmpfs');
    image = createImageRoot(build, runtime, tmp.replace('/tmp:', ''));
  });
  afterAll(() => {
    image.remove();
  });
  beforeEach(() => {
    image.emptyData();
    simulator = null;
    bridge = null;
  });
  afterEach(async () => {
    // A failed expectation must not leave it running.
    bridge?.child.kill('SIGKILL');
    await simulator?.stop();
  });

  /** A simulated Microsoft outside, and the variables for it. */
  async function environment(): Promise<Record<string, string>> {
    simulator = createSimulator({
      seed: 2,
      clock: systemClock,
      tenants: [{ tenantId: TENANT, clientId: 'client-1', clientSecret: SECRET }],
      world: { startMs: systemClock.now(), backlog: 8, live: 0, livePeriodMs: 60_000 },
    });
    const { url, caPem } = await simulator.start();
    image.addSecret(SECRET_FILE, SECRET);
    image.addSecret('/etc/microsoft-ca.pem', caPem);
    return {
      FLEXBRIDGE_TENANT_ID: TENANT,
      FLEXBRIDGE_CLIENT_ID: 'client-1',
      FLEXBRIDGE_CLIENT_SECRET_FILE: SECRET_FILE,
      FLEXBRIDGE_ENDPOINTS__LOGIN: url,
      FLEXBRIDGE_ENDPOINTS__GRAPH: url,
      FLEXBRIDGE_CA_FILE: '/etc/microsoft-ca.pem',
      FLEXBRIDGE_SERVER__PORT: String(await freePort()),
    };
  }

  it('polls, serves, is found healthy and ends with 0, as another user and with a read-only root', async () => {
    const env = await environment();
    bridge = image.run(env);
    await bridge.wrote('"event":"pollFinished"');

    const status = readFileSync(`/proc/${bridge.child.pid}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\t10001\t10001\t10001\t10001$/m);
    expect(status).toMatch(/^CapBnd:\t0+$/m);
    const outside = ['/app/x', '/etc/flexbridge/x', '/usr/x', '/x'];
    const tried = await image.exec(bridge, env, ['touch', '/data/x', '/tmp/x', ...outside]);
    expect(tried.err.trim().split('\n')).toEqual(
      outside.map((path) => expect.stringMatching(`'${path}': Read-only file system`) as string),
    );

    const [, name = '', secret = ''] = /^connector (\S+) (\S+)$/m.exec(inData('initial-credentials')) ?? [];
    const answer = await ask(
      `https://localhost:${env['FLEXBRIDGE_SERVER__PORT']}/v1/feeds/default/detections?since=$START_AT_TIME`,
      inData('tls/ca.pem'),
      { user: name, password: secret },
    );
    expect(answer.status).toBe(200);
    expect((JSON.parse(answer.body) as unknown[]).length).toBeGreaterThan(7);

    expect(await image.exec(bridge, env, healthcheck)).toEqual({ code: 0, out: '', err: '' });
    const elsewhere = { ...env, FLEXBRIDGE_SERVER__PORT: String(await freePort()) };
    expect(await image.exec(bridge, elsewhere, healthcheck)).toMatchObject({
      code: 1,
      err: expect.stringContaining('ECONNREFUSED') as string,
    });

    expect(stopSignal).toBe('SIGTERM');
    bridge.child.kill('SIGTERM');
    const { code, out, err } = await bridge.ended;
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('"event":"stopped"');
    for (const text of [SECRET, secret]) expect(out).not.toContain(text);
    for (const file of readdirSync(image.data)) expect(statSync(join(image.data, file)).uid, file).toBe(10001);
  });

  it('says what to do when the volume belongs to somebody else', async () => {
    chownSync(image.data, 0, 0);
    const { code, err } = await image.run(await environment()).ended;
    expect(code).toBe(1);
    expect(err).toContain('/data');
    expect(err).toContain('->');
    expect(err).not.toContain('    at ');
  });

  it('shows the demo in the /tmp that compose gives it, and leaves /data alone', async () => {
    const demo = compose.service('demo');
    const blanked = Object.entries(fieldsOf(demo['environment'], 'environment')).map(([key, value]) => [
      key,
      String(value),
    ]);
    const args = [...listOf(demo['command'], 'command'), '--once'];
    const { code, out, err } = await image.run(Object.fromEntries(blanked) as Record<string, string>, args).ended;
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/Microsoft had (\d+) alerts, stored \1 alerts/);
    expect(readdirSync(image.data)).toEqual([]);
  });

  function inData(file: string): string {
    return readFileSync(join(image.data, file), 'utf8');
  }
});

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}
