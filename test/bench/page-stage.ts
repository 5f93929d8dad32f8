import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashPassword } from '../../src/domain/credential.ts';
import { ask } from '../support/https.ts';
import { basic, PAGE_EVENTS, PEEK, sameAsker } from './askers.ts';
import { writeBridgeFiles } from './bridge-files.ts';
import { startFilledBridge } from './bridge-process.ts';
import type { Asker } from './load.ts';
import type { Helper, Workspace } from './workspace.ts';

const OPERATOR = { name: 'ops', password: 'bench operator password' };

export type Scheme = 'http' | 'https';

export interface Server {
  readonly url: string;
  readonly pid: number;
}

/** A filled store, the first page of its feed, and the servers that send it. */
export interface PageStage {
  readonly pageBytes: number;
  /** Asks for that page again and again, as an operator. */
  samePage(): Asker;
  startServers(scheme: Scheme): Promise<{ readonly bridge: Server; readonly raw: Server; stop(): Promise<void> }>;
  close(): Promise<void>;
}

/** Fills a store through a bridge of its own. */
export async function createPageStage(
  workspace: Workspace,
  options: { readonly alerts: number; readonly connectors: readonly string[] },
): Promise<PageStage> {
  const upstream = await workspace.helper('./upstream.ts', [String(options.alerts)]);
  const folder = workspace.folder('page');
  const operators = [{ name: OPERATOR.name, passwordHash: await hashPassword(OPERATOR.password) }];
  const tlsFile = (name: string): string => join(folder, 'data', 'tls', name);
  const startBridge = (scheme: Scheme) => {
    const tls = scheme === 'https' ? 'self-made' : 'off';
    const { connectors } = options;
    return startFilledBridge(workspace, writeBridgeFiles(folder, { upstream, connectors, operators, tls }));
  };

  const filling = await startBridge('https');
  const body = await readPage(filling.url, readFileSync(tlsFile('ca.pem'), 'utf8'));
  await filling.stop();
  const bodyFile = join(folder, 'page.json');
  writeFileSync(bodyFile, body);

  const startRaw = (scheme: Scheme): Promise<Helper> => {
    const keys = scheme === 'https' ? [tlsFile('server.pem'), tlsFile('server-key.pem')] : [];
    return workspace.helper('./raw-server.ts', [bodyFile, ...keys]);
  };
  const pageBytes = Buffer.byteLength(body);
  return {
    pageBytes,
    samePage: () => sameAsker(PEEK, basic(OPERATOR.name, OPERATOR.password), pageBytes),
    async startServers(scheme) {
      const bridge = await startBridge(scheme);
      const raw = await startRaw(scheme);
      return {
        bridge,
        raw: { url: raw.told['url'] ?? '', pid: raw.pid },
        async stop() {
          await bridge.stop();
          await raw.end();
        },
      };
    },
    async close() {
      await upstream.end();
      workspace.remove(folder);
    },
  };
}

async function readPage(url: string, caPem: string): Promise<string> {
  const { body } = await ask(`${url}${PEEK}`, caPem, { user: OPERATOR.name, password: OPERATOR.password });
  const events = body.split('"FeedSeq":').length - 1;
  if (events !== PAGE_EVENTS) throw new Error(`the page has ${events} events: ${body.slice(0, 500)}`);
  return body;
}
