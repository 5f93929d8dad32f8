import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SECRETS } from '../support/bridge-rig.ts';
import { createReloadFiles, freePort, type ReloadFiles, serveFiles } from '../support/reload-rig.ts';

type Serving = Awaited<ReturnType<typeof serveFiles>>;

describe('a bridge whose files change while it runs', () => {
  let files: ReloadFiles;
  let serving: Serving;

  beforeEach(async () => {
    files = await createReloadFiles();
    serving = await serveFiles(files);
  });
  afterEach(async () => {
    await serving.stop();
    await files.close();
    expect(serving.fatal).toEqual([]);
  });

  it('takes a changed configuration over once it has stood still for two looks', async () => {
    files.configure({ feed: 'heartbeat: 1h' });
    await serving.look();
    expect(serving.named('configReloaded')).toEqual([]);
    files.configure({ feed: 'heartbeat: 2h' });
    await serving.look();
    expect(serving.named('configReloaded')).toEqual([]);
    await serving.look();
    expect(serving.named('configReloaded')).toEqual([{ name: 'configReloaded', changed: ['feeds'], restarted: true }]);
    expect((await files.ask('/livez')).status).toBe(200);
    await serving.settle();
    expect(serving.bridges).toHaveLength(2);
  });

  it('loses nothing and sends nothing twice to a connector that polls on while parts are made anew', async () => {
    const received: string[] = [];
    let since = '2026-01-01T00:00:00Z';
    let endedAt: number | null = null;
    const isCollected = (): boolean =>
      endedAt !== null &&
      serving.events.slice(endedAt).some((event) => event.name === 'pollFinished' && event.events === 0);
    const reloads = (async () => {
      for (const hours of [1, 2, 3]) {
        files.configure({ feed: `heartbeat: ${hours}h` });
        await serving.reload();
      }
      endedAt = serving.events.length;
    })();
    for (let isDone = false; !isDone; ) {
      const wasCollected = isCollected();
      // Refused while the port is closed: the connector asks again with the same time.
      const answer = await files.poll(since).catch(() => null);
      if (answer === null) continue;
      expect(answer.status).toBe(200);
      const page = JSON.parse(answer.body) as readonly { readonly FeedTime: number; readonly FeedSeq: number }[];
      received.push(...page.map(({ FeedSeq }) => String(FeedSeq)));
      since = String(page.at(-1)?.FeedTime ?? since);
      isDone = wasCollected && page.length === 0;
    }
    await reloads;
    const snapshot = JSON.parse(
      (await files.ask('/status.json', { user: 'ops', password: SECRETS.operator })).body,
    ) as { readonly feeds: readonly { readonly lastSeq: number }[] };
    expect(serving.bridges).toHaveLength(4);
    expect(new Set(received).size).toBe(received.length);
    expect(received).toHaveLength(snapshot.feeds[0]?.lastSeq ?? -1);
    expect(received.length).toBeGreaterThan(12);
  });

  it('goes on with the one before while the file is broken, says so everywhere, and no more once it is mended', async () => {
    files.configure('server: [\n');
    await serving.settle();
    const [refused] = serving.named('configRefused');
    expect(refused?.error).toMatchObject({ code: 'CONFIG_REFUSED', kind: 'operator' });
    expect(refused?.problems[0]).toContain('flexbridge.yaml:');
    expect(JSON.parse((await files.ask('/readyz')).body)).toMatchObject({
      status: 'degraded',
      reasons: expect.arrayContaining(['config.reload: failed']) as unknown,
    });
    const row = (await files.findings()).find(({ id }) => id === 'config.reload');
    expect(row?.meaning).toContain('the one before goes on serving');
    expect((await files.health('/readyz?verbose')).body).toContain('FAILED  config.reload  configuration (since ');
    expect(files.note()).toContain(`"pid":${process.pid}`);
    await serving.settle();
    expect(serving.named('configRefused')).toHaveLength(1);
    files.configure();
    await serving.settle();
    expect((await files.findings()).some(({ id }) => id === 'config.reload')).toBe(false);
    expect(existsSync(join(files.folder, 'data', 'config-reload.json'))).toBe(false);
    expect(serving.bridges).toHaveLength(1);
  });

  it('names every problem of a configuration that is readable and wrong', async () => {
    files.configure({ feed: 'heartbeat: often', rest: 'alarms: { undelivered: never }' });
    await serving.reload();
    const [refused] = serving.named('configRefused');
    expect(refused?.problems.filter((line) => line.includes('must be'))).toHaveLength(2);
    expect((await files.poll('2026-01-01T00:00:00Z')).status).toBe(200);
  });

  it('serves a new certificate behind a swapped link, and still takes the certificate of a connector', async () => {
    const before = await files.handshake();
    expect(before.status).toBe('HTTP/1.1 200 OK');
    files.swap(await files.issue());
    await serving.settle();
    const after = await files.handshake();
    expect(after.status).toBe('HTTP/1.1 200 OK');
    expect(after.serial).not.toBe(before.serial);
    expect(serving.bridges).toHaveLength(1);
    expect(serving.named('certificateRenewed')).toHaveLength(1);
  });

  it('keeps the certificate that it has when the new one and its key are no pair', async () => {
    const before = await files.handshake();
    const [one, other] = [await files.issue(), await files.issue()];
    files.swap({ ...one, 'key.pem': other['key.pem'] });
    await serving.settle();
    expect(serving.named('configRefused')).toHaveLength(1);
    expect(await files.handshake()).toEqual(before);
    expect((await files.findings()).find(({ id }) => id === 'config.reload')?.state).toBe('failed');
    files.swap(one);
    await serving.settle();
    expect((await files.handshake()).serial).not.toBe(before.serial);
    expect((await files.findings()).some(({ id }) => id === 'config.reload')).toBe(false);
  });

  it('goes back to the configuration before when a new port is taken', async () => {
    const other = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => {
      other.listen(port, '127.0.0.1', resolve);
    });
    files.configure({ port });
    await serving.settle();
    expect(serving.named('configRefused')[0]?.error).toMatchObject({ code: 'LISTEN_FAILED' });
    expect((await files.poll('2026-01-01T00:00:00Z')).status).toBe(200);
    expect((await files.findings()).find(({ id }) => id === 'config.reload')?.meaning).toContain(`port ${port}`);
    await new Promise((resolve) => other.close(resolve));
  });

  it('uses nothing of a configuration that moves the store', async () => {
    const moved = files.text().replace('data/flexbridge.db', 'other/flexbridge.db');
    files.configure(moved);
    await serving.settle();
    expect(serving.named('configRefused')[0]?.error).toMatchObject({ code: 'RESTART_NEEDED' });
    expect(existsSync(join(files.folder, 'other'))).toBe(false);
    expect(serving.bridges).toHaveLength(1);
  });

  it('needs no new parts for the level of the log or a new secret', async () => {
    files.configure({ rest: 'log: { level: debug }' });
    await serving.settle();
    writeFileSync(join(files.folder, 'client-secret'), 'another~secret', { mode: 0o600 });
    await serving.settle();
    expect(serving.named('configReloaded')).toEqual([
      { name: 'configReloaded', changed: ['log'], restarted: false },
      { name: 'configReloaded', changed: [], restarted: false },
    ]);
    expect(serving.bridges).toHaveLength(1);
  });
});
