import { Agent as PlainAgent, request as requestPlain } from 'node:http';
import { Agent, request as requestTls } from 'node:https';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly password?: string;
  /** Keeps the connection; without it every request is a connection of its own. */
  readonly agent?: PlainAgent;
  /** What is sent with the request. */
  readonly body?: string;
  /** Address of this machine that it comes from; any without it. */
  readonly localAddress?: string;
}

/** One request, over https with verified TLS that trusts only the given CA. */
export function ask(
  url: string,
  ca: string,
  { method = 'GET', headers = {}, user, password, agent, body, localAddress }: Ask = {},
): Promise<Answer> {
  const isTls = url.startsWith('https:');
  const request = isTls ? requestTls : requestPlain;
  const ownAgent = isTls ? new Agent() : new PlainAgent();
  const login = user === undefined ? {} : { auth: `${user}:${password ?? ''}` };
  return new Promise((resolve, reject) => {
    const from = localAddress === undefined ? {} : { localAddress };
    const sent = request(url, { method, headers, ca, agent: agent ?? ownAgent, ...login, ...from }, (response) => {
      text(response).then((received) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received });
      }, reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
