import { lookup } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ServerConfig } from '../../config/config.ts';
import { type Finding, ok } from '../../domain/finding.ts';
import { printable } from '../../domain/printable.ts';
import { clientTrust, hostOf, portOf } from './own-address.ts';

const ID = 'server.reach';
const LIMIT_MS = 5000;

interface Answer {
  readonly status: number;
  readonly location: string;
  readonly isHtml: boolean;
  readonly body: string;
}

type Fault = Pick<Finding, 'state' | 'meaning' | 'remedy'>;

const ELSEWHERE =
  'Names and ways can differ from those of the connector: try it from its machine with curl -v URL/livez. If that works, nothing is wrong.';

/** Whether the feed answers at `server.publicUrl`, as a connector would ask there: name, connection, verified TLS, `/livez` without a login. */
export async function reachRows(server: ServerConfig): Promise<readonly Finding[]> {
  const url = new URL(`${server.publicUrl}/livez`);
  if (portOf(url) === 0) return [];
  const subject = server.publicUrl;
  const fault = (await nameFault(url)) ?? (await askFault(url, server));
  if (fault !== null) return [{ id: ID, subject, sinceMs: null, ...fault }];
  return [ok(ID, subject, 'The bridge answers at its public address.')];
}

async function nameFault(url: URL): Promise<Fault | null> {
  const host = hostOf(url);
  if (isIP(host) !== 0) return null;
  try {
    await lookup(host);
    return null;
  } catch {
    return {
      state: 'warning',
      meaning: `The name ${host} of server.publicUrl is not found from this machine.`,
      remedy: `Enter it in the DNS, or set server.publicUrl to a name that connectors find. ${ELSEWHERE}`,
    };
  }
}

async function askFault(url: URL, server: ServerConfig): Promise<Fault | null> {
  const answer = await get(url, server);
  if (typeof answer === 'string') return unreached(answer, url);
  const { status, location, isHtml, body } = answer;
  if (status === 200 && isAlive(body)) return null;
  if (status >= 300 && status < 400)
    return {
      state: 'failed',
      meaning: `${url.origin} redirects (${status}) to ${printable(location, 120)}: a connector does not follow that.`,
      remedy:
        'Set server.publicUrl to the address that answers without a redirect, and make the packs anew; or end the redirect in the proxy.',
    };
  const what = isHtml ? 'a web page' : 'something else than the bridge';
  return {
    state: 'failed',
    meaning: `At ${url.origin} answers ${what} (${status}): another server has this address, or a proxy answers in the place of the bridge.`,
    remedy: `See who listens there (server.port above is the bridge's own), and let the proxy hand everything below ${url.origin} through to the bridge unchanged.`,
  };
}

function unreached(code: string, url: URL): Fault {
  if (/CERT|SIGNED|VERIFY|ISSUER|ALTNAME|INVALID_CA/.test(code))
    return {
      state: 'failed',
      meaning: `${url.origin} shows a certificate that a connector with the generated pack would refuse (${code}).`,
      remedy:
        'Something else than the bridge may end TLS there (a proxy, a load balancer): import its CA into the connector, or let TLS through to the bridge. The row certificate says what the bridge itself serves.',
    };
  return {
    state: 'warning',
    meaning: `${url.origin} is not reached from this machine (${code}).`,
    remedy: `Check that server.publicUrl leads to server.host and server.port, and firewall and port forwarding. ${ELSEWHERE}`,
  };
}

/** The answer, or the code of why there was none. */
async function get(url: URL, { tls }: ServerConfig): Promise<Answer | string> {
  const ca = [...(await clientTrust(tls))].filter((pem) => pem !== '');
  const signal = AbortSignal.timeout(LIMIT_MS);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const fail = (error: Error): void => {
      resolve(
        signal.aborted ? 'no answer in time' : printable('code' in error ? String(error.code) : error.message, 80),
      );
    };
    const sent = request(url, { ca, allowPartialTrustChain: true, signal, agent: false }, (response) => {
      const { statusCode = 0, headers } = response;
      text(response).then((body) => {
        const isHtml = /html/i.test(headers['content-type'] ?? '');
        resolve({ status: statusCode, location: headers.location ?? '', isHtml, body });
      }, fail);
    });
    sent.once('error', fail);
    sent.end();
  });
}

/** What `/livez` says of a bridge. */
function isAlive(body: string): boolean {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null && Reflect.get(answer, 'status') === 'ok';
  } catch {
    return false;
  }
}
