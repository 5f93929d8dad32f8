import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Config } from '../config/config.ts';
import { BridgeError, messageOf } from '../domain/errors.ts';

/** Below the time limit that the Dockerfile sets, so that the reason is told and not only that it took too long. */
const LIMIT_MS = 4000;

/**
 * One GET to the bridge of this configuration on this machine, over verified TLS and without a login.
 * @throws BridgeError NOT_LIVE
 */
export async function askBridge(
  server: Config['server'],
  path: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const url = `${server.tls.kind === 'off' ? 'http' : 'https'}://${loopbackOf(server.host)}:${server.port}${path}`;
  if (server.port === 0) throw failure('server.port is 0, so the port is not known; set one');
  const trust = await trustOf(server.tls);
  const request = server.tls.kind === 'off' ? httpRequest : httpsRequest;
  const signal = AbortSignal.timeout(LIMIT_MS);
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown): void => {
      const reason = signal.aborted ? `no answer within ${LIMIT_MS} ms` : messageOf(cause);
      reject(failure(`${url} does not answer: ${reason}`, cause));
    };
    const asked = request(url, { ...trust, signal, agent: false }, (response) => {
      text(response).then((body) => {
        resolve({ status: response.statusCode ?? 0, body });
      }, refuse);
    });
    asked.once('error', refuse);
    asked.end();
  });
}

/** Where a server with this `server.host` is reached from its own machine. */
function loopbackOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** What the certificate of the bridge has to be anchored to: its own CA, or the certificate that is configured. */
async function trustOf(tls: Config['server']['tls']): Promise<RequestOptions> {
  switch (tls.kind) {
    case 'off':
      return {};
    case 'self-made':
      return { ca: await readPem(join(tls.folder, 'ca.pem')) };
    case 'files':
      return {
        ca: await readPem(tls.certFile),
        // A server's certificate is seldom a CA, and names the host that connectors ask for, not the loopback address.
        allowPartialTrustChain: true,
        checkServerIdentity: () => undefined,
      };
  }
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw failure(`cannot read ${file}: ${messageOf(cause)}`, cause);
  }
}

function failure(message: string, cause?: unknown): BridgeError {
  return new BridgeError({
    code: 'NOT_LIVE',
    kind: 'transient',
    message,
    hint: 'See the log of the bridge.',
    ...(cause !== undefined && { cause }),
  });
}
