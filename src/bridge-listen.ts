import type { AddressInfo } from 'node:net';
import type { ServerConfig } from './config/config.ts';
import { makeFolder } from './connector/make-folder.ts';
import { BridgeError, messageOf } from './domain/errors.ts';
import type { App } from './http/server.ts';

/** @throws BridgeError DATA_FOLDER */
export async function makeDataFolder(dataDir: string): Promise<void> {
  try {
    await makeFolder(dataDir, 0o700);
  } catch (cause) {
    throw new BridgeError({
      code: 'DATA_FOLDER',
      kind: 'operator',
      message: `cannot make the data folder ${dataDir}: ${messageOf(cause)}`,
      hint: 'Give the account that runs FlexBridge the right to write there, or set store.path to another place.',
      cause,
    });
  }
}

/** Answers the URL. @throws BridgeError LISTEN_FAILED */
export async function listen(app: App, { host, port, tls }: ServerConfig): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw new BridgeError({
      code: 'LISTEN_FAILED',
      kind: 'operator',
      message: `cannot listen on ${host} port ${port}: ${messageOf(cause)}`,
      hint: 'Stop the program that uses this port, or set server.host and server.port to an address of this machine that is free.',
      cause,
    });
  }
  const address = app.server.address() as AddressInfo;
  return `${tls.kind === 'off' ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

/** @throws BridgeError HEALTH_LISTEN_FAILED */
export async function listenForProbes(app: App, { host, port }: NonNullable<ServerConfig['health']>): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw new BridgeError({
      code: 'HEALTH_LISTEN_FAILED',
      kind: 'operator',
      message: `cannot listen for health probes on ${host} port ${port}: ${messageOf(cause)}`,
      hint: 'Stop the program that uses this port, or set server.health to an address of this machine and a port that are free.',
      cause,
    });
  }
}
