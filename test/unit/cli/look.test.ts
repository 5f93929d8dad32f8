import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { look } from '../../../src/cli/look.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { acquireInstanceLock, type InstanceLock } from '../../../src/store/instance-lock.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { findings } from '../../../src/telemetry/findings.ts';
import { aFeed, aPosition } from '../../contract/detection-store.ts';
import { SECRET_HASH, TENANT_ENV } from '../config/config-folder.ts';

describe('a look from beside the bridge', () => {
  let folder: string;
  let server: Server;
  let lock: InstanceLock;
  let answer: { readonly status: number; readonly body: string };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexbridge-look-'));
    const path = join(folder, 'flexbridge.db');
    const store = createSqliteStore({ path, clock: systemClock });
    await store.ensureFeeds([aFeed()]);
    await store.savePosition(aPosition({ lastPollMs: 1 }));
    await store.close();
    lock = acquireInstanceLock(path, process.pid);
    server = createServer((request, response) => {
      response.writeHead(request.url === '/readyz' ? answer.status : 404).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    lock.release();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  /** Finding and state of what the store's rows and the connectors' say. */
  async function seen(status: number, body: string): Promise<readonly string[]> {
    answer = { status, body };
    const { port } = server.address() as AddressInfo;
    const config = await loadConfig({
      cwd: folder,
      env: {
        ...TENANT_ENV,
        FLEXBRIDGE_STORE__PATH: 'flexbridge.db',
        FLEXBRIDGE_SERVER__TLS: 'off',
        FLEXBRIDGE_SERVER__PORT: String(port),
        FLEXBRIDGE_CONNECTORS: JSON.stringify([
          { name: 'arcsight-01', feeds: ['default'], auth: { secretHash: SECRET_HASH } },
        ]),
      },
    });
    const rows = findings(await look(config));
    return rows
      .filter(({ id }) => id === 'store.writable' || id === 'connector.poll')
      .map(({ id, state }) => `${id}: ${state}`);
  }

  it('takes the word of the bridge that it can write', async () => {
    const body = JSON.stringify({ status: 'degraded', reasons: ['connector.poll: failed'] });
    expect(await seen(200, body)).toEqual(['connector.poll: failed', 'store.writable: ok']);
  });

  it.each(['failed', 'warning'])(
    'shows that it cannot (%s), and no connector, whose position may be newer',
    async (state) => {
      const reasons = ['source.poll: failed', `store.writable: ${state}`];
      expect(await seen(200, JSON.stringify({ status: 'degraded', reasons }))).toEqual([`store.writable: ${state}`]);
    },
  );

  it.each(['', 'no JSON', 'null', '{"reasons":1}'])('shows what is stored where the answer is %j', async (body) => {
    expect(await seen(502, body)).toEqual(['connector.poll: failed']);
  });

  it('makes no database of logins where there is none', async () => {
    await seen(200, '{}');
    expect(existsSync(join(folder, 'access.db'))).toBe(false);
  });

  it('shows what is stored where nothing answers', async () => {
    await new Promise((resolve) => server.close(resolve));
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.on('connection', (socket) => {
      socket.destroy();
    });
    expect(await seen(200, '')).toEqual(['connector.poll: failed']);
  });
});
