import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { GraphAlert } from '../../../src/simulator/graph-alert.ts';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../../src/simulator/simulator.ts';
import { type SteppedClock, steppedClock } from '../../support/clock.ts';

export const TENANT = '11111111-2222-4333-8444-555555555555';
export const OTHER_TENANT = '99999999-8888-4777-8666-555555555555';
export const CLIENT = '0f0f0f0f-1111-4222-8333-444444444444';
export const SECRET = 'a+b/c=&d%20';
export const START_MS = Date.parse('2026-11-20T08:00:00Z');
export const ALERTS = '/v1.0/security/alerts_v2';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A running simulator and a plain HTTPS client that trusts its CA and nothing else. */
export interface Rig {
  readonly simulator: Simulator;
  readonly clock: SteppedClock;
  readonly url: string;
  /** @param target path and query, or an absolute URL */
  ask(target: string, asked?: Asked): Promise<Answer>;
  login(form?: Readonly<Record<string, string>>, tenantId?: string): Promise<Answer>;
  token(tenantId?: string): Promise<string>;
  /** A Graph request with a good token. */
  graph(target: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

export async function startRig(overrides: Partial<SimulatorOptions> = {}): Promise<Rig> {
  const clock = steppedClock(START_MS);
  const tenant = { tenantId: TENANT, clientId: CLIENT, clientSecret: SECRET };
  const simulator = createSimulator({
    seed: 1,
    clock,
    tenants: [tenant, { ...tenant, tenantId: OTHER_TENANT }],
    world: { startMs: START_MS, backlog: 0, live: 0, livePeriodMs: 10_000 },
    ...overrides,
  });
  const { url, caPem } = await simulator.start();
  const ask = (target: string, asked: Asked = {}) => send(new URL(target, url), caPem, asked);
  const login: Rig['login'] = (form = {}, tenantId = TENANT) =>
    ask(`/${tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...goodForm(), ...form }).toString(),
    });
  const token = async (tenantId = TENANT) => String(json(await login({}, tenantId))['access_token']);
  const graph: Rig['graph'] = async (target, headers = {}) =>
    ask(target, { headers: { authorization: `Bearer ${await token()}`, ...headers } });
  return { simulator, clock, url, ask, login, token, graph };
}

function goodForm(): Record<string, string> {
  return {
    grant_type: 'client_credentials',
    client_id: CLIENT,
    client_secret: SECRET,
    scope: 'https://graph.microsoft.com/.default',
  };
}

export function json(answer: Answer): Record<string, unknown> {
  return JSON.parse(answer.body) as Record<string, unknown>;
}

/** The alerts of a list answer. */
export function value(answer: Answer): readonly GraphAlert[] {
  return json(answer)['value'] as readonly GraphAlert[];
}

export function ids(answer: Answer): readonly string[] {
  return value(answer).map(({ id }) => id);
}

/** The small alert of tests that bring their own. */
export function alert(id: string, members: Partial<GraphAlert> = {}): GraphAlert {
  return {
    id,
    createdDateTime: '2026-11-20T07:00:00.1234567Z',
    lastUpdateDateTime: '2026-11-20T07:00:05.3266667Z',
    status: 'new',
    severity: 'high',
    serviceSource: 'microsoftDefenderForEndpoint',
    detectionSource: 'antivirus',
    ...members,
  };
}

function send(url: URL, ca: string, { method = 'GET', headers = {}, body }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, ca, agent: false }, (response) => {
      text(response).then(
        (answer) => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer });
        },
        (cause: unknown) => {
          reject(new Error('the answer broke off', { cause }));
        },
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
