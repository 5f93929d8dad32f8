import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from './exchange.ts';
import { sinceOf } from './exchange.ts';
import type { Path, PathOptions, PathTrouble } from './path.ts';
import { type Fetched, fetchFromBridge } from './upstream.ts';

export interface ProxyCall {
  /** Aborted when the connector is gone. */
  readonly gone: AbortSignal;
  /** What is to go wrong with it. */
  readonly trouble: PathTrouble | null;
  /** One request to the bridge; it is recorded as an exchange. */
  readonly fetch: (options: {
    readonly cut: Extract<PathTrouble, { kind: 'cut' }>['at'] | null;
    readonly signal: AbortSignal;
  }) => Promise<Fetched>;
}

/** How a proxy gets the answer for one request of the connector; null: none, it answers 502. */
export type Get = (call: ProxyCall) => Promise<Extract<Fetched, { kind: 'whole' }> | null>;

const ON_ITS_WAY_MS = 15;

/** A proxy as a path: plain HTTP on the loopback to the connector, TLS to the bridge. */
export async function startProxy({ bridge, bridgeNow }: PathOptions, get: Get): Promise<Path> {
  const seen: Exchange[] = [];
  const busy = new Set<Promise<void>>();
  let trouble: PathTrouble | null = null;

  const record = async (path: string, asked: () => Promise<Fetched>, signal: AbortSignal): Promise<Fetched> => {
    const sent = { sentMs: bridgeNow(), sentAt: performance.now() };
    const fetched = await asked();
    if (fetched.kind === 'refused') return fetched;
    const facts = { sinceText: sinceOf(path), ...sent, endedMs: bridgeNow() };
    if (fetched.kind === 'whole' && fetched.page !== null)
      seen.push({ ...facts, page: fetched.page, fate: 'taken', why: '' });
    else if (fetched.kind === 'whole')
      seen.push({ ...facts, page: null, fate: 'cut', why: `answered ${fetched.status}` });
    else seen.push({ ...facts, page: null, fate: signal.aborted ? 'unsure' : 'cut', why: fetched.why });
    return fetched;
  };

  const handle = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const gone = new AbortController();
    answer.on('close', () => {
      if (!answer.writableFinished) gone.abort(new Error('the connector is gone'));
    });
    const path = asked.url ?? '/';
    const current = trouble;
    trouble = null;
    const got = await get({
      gone: gone.signal,
      trouble: current,
      fetch: ({ cut, signal }) => {
        const options = { ...bridge, path, authorization: asked.headers.authorization ?? '', cut, signal };
        return record(path, () => fetchFromBridge(options), signal);
      },
    });
    if (gone.signal.aborted) return;
    if (got === null) answer.writeHead(502, { 'content-length': 0 }).end();
    else
      answer
        .writeHead(got.status, { 'content-type': 'application/json', 'content-length': got.body.length })
        .end(got.body);
  };

  // One after the other: of two requests that are under way together nobody could say which the bridge heard first.
  let last: Promise<void> = Promise.resolve();
  const server = createServer((asked, answer) => {
    last = last.then(() => handle(asked, answer));
    const handling = last.finally(() => busy.delete(handling));
    busy.add(handling);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    upset: (next) => {
      trouble = next;
    },
    async exchanges({ result }) {
      // The request of a connector that broke off may be on its way still.
      if (result.kind === 'failed') await sleep(ON_ITS_WAY_MS);
      await Promise.all(busy);
      return seen.splice(0);
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await Promise.all(busy);
    },
  };
}
