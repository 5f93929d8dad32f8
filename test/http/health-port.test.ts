import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BridgeRig, createBridgeRig, SECRETS } from '../support/bridge-rig.ts';
import { type Answer, ask } from '../support/https.ts';
import { readSamples } from '../support/metrics-text.ts';
import { freePort } from '../support/reload-rig.ts';

const OPS = { user: 'ops', password: SECRETS.operator };
const CONNECTOR = { user: 'arcsight-01', password: SECRETS.connector };

describe('the health port', () => {
  let rig: BridgeRig;
  let port = 0;
  const health = (path: string, method = 'GET'): Promise<Answer> =>
    ask(`http://127.0.0.1:${port}${path}`, '', { method });

  beforeAll(async () => {
    port = await freePort();
    rig = await createBridgeRig({ server: `health: { port: ${port} }` });
    await rig.startBridge();
    await rig.seen('pollFinished');
  });
  afterAll(async () => {
    await rig.close();
  });

  it.each(['/livez', '/readyz', '/healthz'])('answers %s without a login as the main port does', async (path) => {
    const here = await health(path);
    const there = await rig.ask(path);
    expect([here.status, here.body]).toEqual([there.status, there.body]);
    expect(here.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(here.headers['cache-control']).toBe('no-store');
  });

  it('shows people the table of findings with ?verbose', async () => {
    const { status, headers, body } = await health('/readyz?verbose');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(body).toMatch(/^degraded\n\nwarning /);
    expect(body).toMatch(/^ok {6}source\.poll {2}contoso\/graph-alerts$/m);
    expect(body).toMatch(/^ {10}-> /m);
  });

  it('gives Prometheus the same metrics', async () => {
    const { status, headers, body } = await health('/metrics');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    // Those of the process itself say what is open at the moment.
    const own = (text: string) => [...readSamples(text).keys()].filter((name) => name.startsWith('flexbridge_'));
    expect(own(body)).toEqual(own((await rig.ask('/metrics')).body));
  });

  it.each(['/', '/status', '/status.json', '/v1/feeds/default/detections', '/signin', '/openapi.json'])(
    'has nothing at %s',
    async (path) => {
      const { status, body } = await health(path);
      expect(status).toBe(404);
      expect(body).toContain('/readyz?verbose');
    },
  );

  it('takes no other method', async () => {
    expect((await health('/readyz', 'POST')).status).toBe(404);
  });

  it('is a port that a second bridge is told is taken', async () => {
    const other = await createBridgeRig({ server: `health: { port: ${port} }` });
    await expect(other.startBridge()).rejects.toMatchObject({ code: 'HEALTH_LISTEN_FAILED', kind: 'operator' });
    await other.close();
  });

  it('is closed with the bridge', async () => {
    const own = await freePort();
    const other = await createBridgeRig({ server: `health: ${own}` });
    await other.startBridge();
    expect((await ask(`http://127.0.0.1:${own}/livez`, '')).status).toBe(200);
    await other.close();
    const free = createServer();
    await new Promise<void>((resolve, reject) => {
      free.once('error', reject);
      free.listen(own, '127.0.0.1', resolve);
    });
    await new Promise((resolve) => free.close(resolve));
  });
});

describe('/readyz?verbose on the main port', () => {
  let rig: BridgeRig;

  beforeAll(async () => {
    rig = await createBridgeRig();
    await rig.startBridge();
    await rig.seen('pollFinished');
  });
  afterAll(async () => {
    await rig.close();
  });

  it('is for operators', async () => {
    expect((await rig.ask('/readyz?verbose')).status).toBe(401);
    expect((await rig.ask('/readyz?verbose', CONNECTOR)).status).toBe(403);
    const { status, headers, body } = await rig.ask('/readyz?verbose', OPS);
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(body).toContain('ok      source.poll  contoso/graph-alerts');
  });

  it('carries the id of a request or a poll in the lines that the log has of it', async () => {
    await rig.poll('2026-01-01T00:00:00Z');
    await rig.seen('feedRequest');
    const lines = rig
      .log()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, string>>);
    const of = (event: string) => lines.find((line) => line['event'] === event);
    expect(of('feedRequest')?.['requestId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(of('pageSent')?.['requestId']).toBe(of('feedRequest')?.['requestId']);
    expect(of('pollFinished')?.['pollId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(of('tokenAcquired')?.['pollId']).toBe(of('pollFinished')?.['pollId']);
    expect(of('alertsArrived')?.['pollId']).toBe(of('pollFinished')?.['pollId']);
    expect(of('started')?.['pollId'] ?? of('started')?.['requestId']).toBeUndefined();
  });
});
