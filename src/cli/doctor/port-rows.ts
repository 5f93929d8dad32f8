import { createServer } from 'node:net';
import type { ServerConfig } from '../../config/config.ts';
import { messageOf, toBridgeError } from '../../domain/errors.ts';
import { type Finding, ok } from '../../domain/finding.ts';
import { askBridge } from '../ask-bridge.ts';
import { portHolder } from './file-locks.ts';
import { shownAddress } from './own-address.ts';

const ID = 'server.port';

/**
 * Whether the running bridge answers at its address, or whether one could listen there.
 * @param instance pid of `serve`; null when none runs, undefined for one that runs under another account
 */
export async function portRows(server: ServerConfig, instance: number | null | undefined): Promise<readonly Finding[]> {
  if (server.port === 0)
    return [ok(ID, 'port 0', 'server.port is 0: each start takes a free one, which only its log names.')];
  return [instance === null ? await freeRow(server) : await servedRow(server, instance)];
}

async function servedRow(server: ServerConfig, pid: number | undefined): Promise<Finding> {
  const bridge = pid === undefined ? 'bridge' : `bridge (pid ${pid})`;
  const subject = shownAddress(server);
  try {
    const { status } = await askBridge(server, '/livez');
    if (status === 200) return ok(ID, subject, `The running ${bridge} answers.`);
    return failed(
      subject,
      `What answers at ${subject} says ${status} where the bridge says 200.`,
      holderHint(server.port),
    );
  } catch (thrown) {
    const { message, cause } = toBridgeError(thrown);
    if (isOutOfDate(cause))
      return ok(ID, subject, `The running ${bridge} answers; the row certificate says with what.`);
    return failed(
      subject,
      `The ${bridge} runs, but ${message}.`,
      `${holderHint(server.port)} If it is the bridge, it may just be starting, or was started with another configuration: look at its log, and restart it.`,
    );
  }
}

/** Something answers, with a certificate whose days are over or yet to come. */
function isOutOfDate(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  return code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID';
}

async function freeRow(server: ServerConfig): Promise<Finding> {
  const subject = shownAddress(server);
  const thrown = await listenOnce(server);
  if (thrown === null) return ok(ID, subject, `Port ${server.port} is free for the bridge, which is not running.`);
  const code = 'code' in thrown ? String(thrown.code) : messageOf(thrown);
  return failed(subject, `The bridge cannot start: ${faultWords(code, server)}`, faultRemedy(code, server));
}

function faultWords(code: string, { host, port }: ServerConfig): string {
  if (code === 'EADDRINUSE') {
    const holder = portHolder(port);
    const who = holder === null ? 'another program' : `${holder.name} (pid ${holder.pid})`;
    return `port ${port} of ${host} is taken by ${who}.`;
  }
  if (code === 'EACCES') return `this account may not listen on port ${port} (EACCES).`;
  if (code === 'EADDRNOTAVAIL') return `${host} is no address of this machine (EADDRNOTAVAIL).`;
  return `it cannot listen on ${host} port ${port} (${code}).`;
}

function faultRemedy(code: string, { port }: ServerConfig): string {
  if (code === 'EADDRINUSE')
    return `Stop that program, or set server.port to a free one (and server.publicUrl with it; then make the packs anew). ${FIND(port)}`;
  if (code === 'EACCES')
    return 'Ports below 1024 need a right of their own: take server.port: 8443, or give the service CAP_NET_BIND_SERVICE (docs/deploy.md).';
  if (code === 'EADDRNOTAVAIL') return 'Set server.host to an address of this machine, or to 0.0.0.0 for all of them.';
  return 'Set server.host and server.port to an address of this machine that is free.';
}

const FIND = (port: number): string =>
  `Who it is: ss -ltnp 'sport = :${port}' (Linux, as root), netstat -abno (Windows).`;

function holderHint(port: number): string {
  const holder = portHolder(port);
  return holder === null ? FIND(port) : `Listening there is ${holder.name} (pid ${holder.pid}).`;
}

/** Listens and stops at once. Null: it can. */
function listenOnce({ host, port }: ServerConfig): Promise<Error | null> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.destroy();
    });
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve(null);
      });
    });
  });
}

function failed(subject: string, meaning: string, remedy: string): Finding {
  return { id: ID, state: 'failed', subject, sinceMs: null, meaning, remedy };
}
