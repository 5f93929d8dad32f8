import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import type { Clock } from '../domain/clock.ts';
import { messageOf } from '../domain/errors.ts';
import { type RehearsalStep, seen, stepOf } from './rehearsal-step.ts';

/** Host and port of a URL, as sockets take them. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export function addressOf(url: URL): Address {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)) };
}

const LIMIT_MS = 10_000;

/** The name, and a connection to the port. */
export async function findBridge({ host, port }: Address, clock: Clock): Promise<RehearsalStep> {
  const found: string[] = [];
  if (isIP(host) === 0) {
    try {
      const addresses = await lookup(host, { all: true });
      found.push(`${host} is ${addresses.map(({ address }) => address).join(', ')}`);
    } catch (thrown) {
      const message = `the name ${host} of the Events URL cannot be resolved here (${codeOf(thrown)})`;
      return stepOf('address', found, [
        seen(message, 'Correct DNS (or the hosts file) of the connector machine, or server.publicUrl of the bridge.'),
      ]);
    }
  }
  const started = clock.monotonic();
  const failure = await connectFailure({ host, port });
  if (failure === null) {
    found.push(`port ${port} answers after ${Math.round(clock.monotonic() - started)} ms`);
    return stepOf('address', found);
  }
  return stepOf('address', found, [seen(`no connection to ${host} port ${port}: ${failure}`, remedyOf(failure))]);
}

/** Null once it stands. */
function connectFailure(address: Address): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const end = (failure: string | null): void => {
      socket.destroy();
      resolve(failure);
    };
    socket.setTimeout(LIMIT_MS, () => {
      end(`no answer within ${LIMIT_MS / 1000} seconds`);
    });
    socket.on('connect', () => {
      end(null);
    });
    socket.on('error', (error) => {
      end(codeOf(error));
    });
  });
}

function remedyOf(failure: string): string {
  if (failure.includes('ECONNREFUSED'))
    return 'Start the bridge (flexbridge serve); check server.host (127.0.0.1 is reached from its own machine only) and server.port.';
  return 'Check the route and the firewalls between the connector machine and the bridge. The connector may need its proxy fields.';
}

function codeOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  return code === '' ? messageOf(thrown) : code;
}
