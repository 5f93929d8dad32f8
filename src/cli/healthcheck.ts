import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { ConfigError } from '../config/config-error.ts';
import { loadConfig } from '../config/load.ts';
import { BridgeError, messageOf, toBridgeError } from '../domain/errors.ts';
import type { Console } from './console.ts';

/** Below the time limit that the Dockerfile sets, so that the reason is told and not only that it took too long. */
const LIMIT_MS = 4000;

type Config = Awaited<ReturnType<typeof loadConfig>>;

/**
 * Whether the bridge of this configuration answers on this machine: one GET of `/livez` over verified TLS. For the health
 * check of a container, which knows no code but 0 and 1. Writes the reason to `err`, nothing when all is well.
 */
export async function healthcheck(
  options: { readonly config?: string },
  { err }: Pick<Console, 'err'>,
): Promise<0 | 1> {
  try {
    const { server } = await loadConfig({ argvPath: options.config });
    const status = await askLiveness(server);
    if (status === 200) return 0;
    err(`flexbridge: the bridge answers with ${status}\n`);
  } catch (thrown) {
    err(thrown instanceof ConfigError ? thrown.toText() : `flexbridge: ${toBridgeError(thrown).message}\n`);
  }
  return 1;
}

/** @returns the HTTP status */
async function askLiveness(server: Config['server']): Promise<number> {
  const url = `${server.tls.kind === 'off' ? 'http' : 'https'}://${loopbackOf(server.host)}:${server.port}/livez`;
  if (server.port === 0) throw failure('server.port is 0, so the port is not known; set one');
  const trust = await trustOf(server.tls);
  const request = server.tls.kind === 'off' ? httpRequest : httpsRequest;
  const signal = AbortSignal.timeout(LIMIT_MS);
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...trust, signal, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.once('error', (cause) => {
      const reason = signal.aborted ? `no answer within ${LIMIT_MS} ms` : cause.message;
      reject(failure(`${url} does not answer: ${reason}`, cause));
    });
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
