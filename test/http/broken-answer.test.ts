import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BridgeRig, createBridgeRig, SECRETS } from '../support/bridge-rig.ts';
import type { Answer } from '../support/https.ts';
import { connectRaw, type RawClient } from '../support/raw-client.ts';

const LOGIN = Buffer.from(`arcsight-01:${SECRETS.connector}`).toString('base64');
const PAGE = 60;

function seqsOf(answer: Answer): readonly number[] {
  expect(answer.status).toBe(200);
  return (JSON.parse(answer.body) as { FeedSeq: number }[]).map(({ FeedSeq }) => FeedSeq);
}

function upTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

/**
 * A page that fits the buffers of the system is finished for node before the client has read a byte of it. Whoever takes
 * that for delivered loses it here: the connector's time moves on with every request, as the wall clock does.
 */
describe.each([
  ['TLS', {}],
  ['TCP', { plain: true }],
])('a page that was not taken, over %s', (transport, options) => {
  let rig: BridgeRig;
  let clients: RawClient[];

  beforeEach(async () => {
    clients = [];
    rig = await createBridgeRig({ ...options, backlog: 60, feed: `page: { maxEvents: ${PAGE} }` });
    await rig.startBridge();
    await rig.seen('pollFinished');
  });
  afterEach(async () => {
    for (const client of clients) client.close();
    await rig.close();
  });

  /** Asks like a connector, and waits until node says that the answer is finished. */
  async function ask(path: string): Promise<RawClient> {
    const port = Number(new URL((await rig.seen('started')).url).port);
    const ca = transport === 'TLS' ? readFileSync(join(rig.folder, 'data', 'tls', 'ca.pem'), 'utf8') : null;
    const client = await connectRaw(port, ca);
    clients.push(client);
    client.socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic ${LOGIN}\r\n\r\n`);
    expect(await rig.seen('feedRequest')).toMatchObject({ status: 200 });
    expect(await rig.seen('pageSent')).toMatchObject({ from: 1, to: PAGE });
    return client;
  }

  const paths = ['/v1/feeds/default/detections?since=', '/api/alerts?sinceTimeUtc='];

  it.each(paths)('comes again, half as large, when the client reset in the middle of the body: %s', async (path) => {
    const client = await ask(`${path}2026-01-05T00:00:00Z`);
    await client.read(2000);
    client.reset();
    expect(seqsOf(await rig.poll('2026-01-05T00:00:30Z'))).toEqual(upTo(PAGE / 2));
    expect(await rig.seen('tryBroken')).toMatchObject({ connector: 'arcsight-01', feed: 'default' });
  });

  it.each(paths)('comes again, half as large, when the client never read a byte and reset: %s', async (path) => {
    const client = await ask(`${path}2026-01-05T00:00:00Z`);
    client.reset();
    expect(seqsOf(await rig.poll('2026-01-05T00:00:30Z'))).toEqual(upTo(PAGE / 2));
    expect(rig.events.filter(({ name }) => name === 'pageAcknowledged')).toEqual([]);
  });

  it('comes again as it was when the client never reads, and asks on another connection with no time', async () => {
    await ask(paths[0] ?? '');
    expect(seqsOf(await rig.poll())).toEqual(upTo(PAGE));
  });
});
