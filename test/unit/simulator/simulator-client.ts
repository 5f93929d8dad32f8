import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { Api } from '../../../src/simulator/service.ts';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../../src/simulator/simulator.ts';
import type { GraphAlert } from '../../../src/simulator/world/graph-alert.ts';
import { type SteppedClock, steppedClock } from '../../support/clock.ts';

export const TENANT = '11111111-2222-4333-8444-555555555555';
export const OTHER_TENANT = '99999999-8888-4777-8666-555555555555';
export const CLIENT = '0f0f0f0f-1111-4222-8333-444444444444';
export const SECRET = 'a+b/c=&d%20';
export const START_MS = Date.parse('2026-11-20T08:00:00Z');
export const ALERTS = '/v1.0/security/alerts_v2';
export const OWN_ALERTS = '/api/alerts';

/** What a token for each API is asked for. */
export const SCOPES: Readonly<Record<Api, string>> = {
  graph: 'https://graph.microsoft.com/.default',
  defender: 'https://api.securitycenter.microsoft.com/.default',
  siem: 'https://graph.windows.net/.default',
};

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly bytes: Buffer;
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
  readonly ca: string;
  /** @param target path and query, or an absolute URL */
  ask(target: string, asked?: Asked): Promise<Answer>;
  login(form?: Readonly<Record<string, string>>, tenantId?: string): Promise<Answer>;
  token(tenantId?: string, api?: Api): Promise<string>;
  /** A request with a good token for that API. */
  readonly api: (api: Api, target: string, tenantId?: string) => Promise<Answer>;
  /** A Graph request with a good token. */
  readonly graph: (target: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
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
  const token = async (tenantId = TENANT, api: Api = 'graph') =>
    String(json(await login({ scope: SCOPES[api] }, tenantId))['access_token']);
  const graph: Rig['graph'] = async (target, headers = {}) =>
    ask(target, { headers: { authorization: `Bearer ${await token()}`, ...headers } });
  const askApi: Rig['api'] = async (api, target, tenantId = TENANT) =>
    ask(target, { headers: { authorization: `Bearer ${await token(tenantId, api)}` } });
  return { simulator, clock, url, ca: caPem, ask, login, token, graph, api: askApi };
}

function goodForm(): Record<string, string> {
  return {
    grant_type: 'client_credentials',
    client_id: CLIENT,
    client_secret: SECRET,
    scope: SCOPES.graph,
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

/** An alert of Defender for Endpoint: a process with its image file, an address, on one device, by one user. */
export function endpointAlert(id: string, members: Partial<GraphAlert> = {}): GraphAlert {
  const createdDateTime = '2026-11-20T07:00:01.5Z';
  const item = (type: string, own: object) => ({
    '@odata.type': `#microsoft.graph.security.${type}Evidence`,
    createdDateTime,
    verdict: 'suspicious',
    remediationStatus: 'none',
    ...own,
  });
  const image = { fileName: 'tool.exe', filePath: 'C:\\Temp', sha1: 'a'.repeat(40), sha256: 'b'.repeat(64), md5: null };
  const userAccount = { accountName: 'clerk', domainName: 'CONTOSO', userSid: 'S-1-5-21-1' };
  return alert(id, {
    title: 'Odd tool',
    category: 'Execution',
    incidentId: '77',
    detectionSource: 'microsoftDefenderForEndpoint',
    firstActivityDateTime: '2026-11-20T06:58:00.1Z',
    lastActivityDateTime: '2026-11-20T06:59:00.7654321Z',
    mitreTechniques: ['T1059'],
    evidence: [
      item('device', {
        mdeDeviceId: 'd'.repeat(40),
        deviceDnsName: 'host-1.corp.example',
        hostName: 'host-1',
        dnsDomain: 'corp.example',
        rbacGroupName: 'Servers',
        ipInterfaces: ['10.0.0.7', 'fd30::7'],
        loggedOnUsers: [userAccount],
        tags: ['Tier1'],
      }),
      item('user', { userAccount }),
      item('process', {
        processId: 4711,
        processCommandLine: 'tool.exe -x',
        detectionStatus: 'detected',
        imageFile: image,
        userAccount,
      }),
      item('file', { detectionStatus: 'detected', fileDetails: image }),
      item('ip', { ipAddress: '203.0.113.9' }),
    ],
    ...members,
  });
}

/** Over http the certificate plays no part. */
export function send(url: URL, ca: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'http:' ? requestPlain : requestTls;
    const outgoing = request(url, { method, headers, ca, agent: false }, (response) => {
      buffer(response).then(
        (bytes) => {
          const { statusCode: status = 0, headers: received } = response;
          resolve({ status, headers: received, body: bytes.toString('utf8'), bytes });
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
