import { Agent } from 'node:https';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import type { ConnectorAuth, OAuth2Auth } from '../../src/domain/connector-auth.ts';
import { hashSecret } from '../../src/domain/credential.ts';
import { createAccessTokens } from '../../src/http/oauth/access-token.ts';
import { createCertificateAuthority, issueServerCertificate } from '../../src/http/tls/certificate-authority.ts';
import type { AccessStore } from '../../src/store/access-store.ts';
import { openAccessStore } from '../../src/store/sqlite-access-store.ts';
import { type BridgeRig, createBridgeRig, type RigOptions, SECRETS } from '../support/bridge-rig.ts';
import { type ClientCertificate, clientAuthority, clientCertificate } from '../support/client-certificate.ts';
import type { Answer, Ask } from '../support/https.ts';

const KEY = 'url-key-value-which-nobody-may-see';
const FEED = '/v1/feeds/default/detections?since=';
const OAUTH2: OAuth2Auth = {
  ...{ kind: 'oauth2', clientId: 'client-a', secretHashes: [hashSecret('s')], redirectUris: [] },
  ...{ acceptsBasic: false, rotatesRefreshTokens: false },
};

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

async function started(options: RigOptions = {}): Promise<BridgeRig> {
  const rig = await createBridgeRig(options);
  undo.push(() => rig.close());
  await rig.startBridge();
  return rig;
}

/** The database of logins as a command has it open beside the running bridge. */
function beside(rig: BridgeRig): AccessStore {
  const store = openAccessStore(join(rig.folder, 'data'));
  undo.push(() => {
    store.close();
  });
  return store;
}

function put(store: AccessStore, name: string, auth: ConnectorAuth, feeds: readonly string[] | null = null): void {
  store.putConnector({ name, auth, feeds, createdMs: 1 });
}

function putToken(store: AccessStore, connector: string, grant: string): void {
  store.putRefreshToken({
    ...{ tokenHash: hashSecret(grant), grant, connector, clientId: 'client-a', createdBy: 'ops' },
    ...{ createdMs: 1, usedMs: null, replacedMs: null },
  });
}

/** An agent of one client: its connections, and the TLS sessions that it resumes. */
function agent(certificate: ClientCertificate | null, options: { readonly maxVersion?: 'TLSv1.2' } = {}): Agent {
  const made = new Agent({
    ...(certificate === null ? {} : { cert: certificate.cert, key: certificate.key }),
    ...options,
  });
  undo.push(() => {
    made.destroy();
  });
  return made;
}

/** Whether each connection of the agent resumed a session. */
function watchReuse(watched: Agent): () => readonly boolean[] {
  const reused: boolean[] = [];
  const connect = watched.createConnection.bind(watched);
  watched.createConnection = (...connecting) => {
    const socket = connect(...connecting);
    if (socket instanceof TLSSocket) socket.once('secureConnect', () => reused.push(socket.isSessionReused()));
    return socket;
  };
  return () => reused;
}

function bearer(token: string): Ask {
  return { headers: { authorization: `Bearer ${token}` } };
}

function codeOf({ body }: Answer): unknown {
  return (JSON.parse(body) as { code?: unknown }).code;
}

describe('a connector that is made, rotated and revoked while the bridge runs', () => {
  it('is let in from the next request on, by both secrets while two are live, to its own feeds', async () => {
    const rig = await started();
    const poll = (password: string, feed = 'default') =>
      rig.ask(`/v1/feeds/${feed}/detections`, { user: 'made', password });
    expect((await poll('one')).status).toBe(401);
    const store = beside(rig);
    put(store, 'made', { kind: 'basic', secretHashes: [hashSecret('one')] }, ['default']);
    expect([(await poll('one')).status, (await poll('one', 'private')).status]).toEqual([200, 403]);
    put(store, 'made', { kind: 'basic', secretHashes: [hashSecret('two'), hashSecret('one')] });
    expect([(await poll('one')).status, (await poll('two', 'private')).status]).toEqual([200, 200]);
    put(store, 'made', { kind: 'basic', secretHashes: [hashSecret('two')] });
    expect([(await poll('one')).status, (await poll('two')).status]).toEqual([401, 200]);
    store.removeConnector('made');
    expect((await poll('two')).status).toBe(401);
  });

  it('is seen in the status as long as it is there', async () => {
    const rig = await started();
    const names = async () => (await rig.ask('/status.json', { user: 'ops', password: SECRETS.operator })).body;
    const store = beside(rig);
    put(store, 'made-now', { kind: 'basic', secretHashes: [] });
    expect(await names()).toContain('made-now');
    store.removeConnector('made-now');
    expect(await names()).not.toContain('made-now');
  });
});

describe('an access token over HTTPS', () => {
  it('reads the feed until its grant is revoked; the answer then is that of RFC 6750', async () => {
    const rig = await started();
    const store = beside(rig);
    put(store, 'oa', OAUTH2);
    putToken(store, 'oa', 'grant-1');
    putToken(store, 'oa', 'grant-2');
    const tokens = createAccessTokens({ key: store.signingKey(), clock: systemClock });
    const [first, second] = ['grant-1', 'grant-2'].map(
      (grant) => tokens.issue({ connector: 'oa', clientId: 'client-a', grant }).token,
    );
    const poll = (token = '') => rig.ask(FEED, bearer(token));
    expect([(await poll(first)).status, (await poll(second)).status]).toEqual([200, 200]);
    store.revokeGrant('grant-1');
    const refused = await poll(first);
    expect([refused.status, codeOf(refused)]).toEqual([401, 'LOGIN_WRONG']);
    expect(refused.headers['www-authenticate']).toBe(
      'Bearer realm="FlexBridge", error="invalid_token", Basic realm="FlexBridge", charset="UTF-8"',
    );
    expect((await poll(second)).status).toBe(200);
    store.removeConnector('oa');
    expect((await poll(second)).status).toBe(401);
    expect(rig.log()).not.toContain(first);
  });

  it('outlives a restart of the bridge', async () => {
    const rig = await started();
    const store = beside(rig);
    put(store, 'oa', OAUTH2);
    putToken(store, 'oa', 'grant-1');
    const { token } = createAccessTokens({ key: store.signingKey(), clock: systemClock }).issue({
      ...{ connector: 'oa', clientId: 'client-a', grant: 'grant-1' },
    });
    await rig.stopBridge();
    await rig.startBridge();
    expect((await rig.ask(FEED, bearer(token))).status).toBe(200);
  });
});

describe('the database of logins', () => {
  it('that cannot be read is a 503, never a 401; configured connectors go on', async () => {
    const rig = await started();
    put(beside(rig), 'made', { kind: 'basic', secretHashes: [hashSecret('one')] });
    const made = () => rig.ask(FEED, { user: 'made', password: 'one' });
    expect((await made()).status).toBe(200);
    const breaker = new Database(join(rig.folder, 'data', 'access.db'));
    breaker.exec('DROP TABLE connector');
    breaker.close();
    expect((await made()).status).toBe(503);
    expect((await rig.poll('', { password: 'wrong' })).status).toBe(503);
    expect((await rig.ask(FEED, bearer('x'))).status).toBe(503);
    expect((await rig.poll()).status).toBe(200);
    expect((await rig.ask('/status.json', { user: 'ops', password: SECRETS.operator })).status).toBe(200);
  });
});

describe('a client certificate', () => {
  it.each([
    ['TLS 1.3', {}],
    ['TLS 1.2', { maxVersion: 'TLSv1.2' }],
  ] as const)(
    'that is pinned is its connector with %s, also in a resumed session, and another is nobody',
    async (_version, options) => {
      const [mine, next, others] = await Promise.all([clientCertificate(), clientCertificate(), clientCertificate()]);
      const pins = `fingerprint: "${mine.fingerprint.toUpperCase().replace(/(..)(?=.)/g, '$1:')}", previousFingerprint: ${next.fingerprint}`;
      const rig = await started({ connectors: [`{ name: mt, feeds: [default], auth: { kind: mtls, ${pins} } }`] });
      const own = agent(mine, options);
      // Every answer on a connection of its own.
      const reused = watchReuse(own);
      for (let turn = 0; turn < 3; turn += 1) expect((await rig.ask(FEED, { agent: own })).status).toBe(200);
      expect(reused()).toEqual([false, true, true]);
      expect((await rig.ask(FEED, { agent: agent(next, options) })).status).toBe(200);
      const refused = await rig.ask(FEED, { agent: agent(others, options) });
      expect([refused.status, codeOf(refused)]).toEqual([401, 'LOGIN_WRONG']);
      expect(rig.events).toContainEqual(
        expect.objectContaining({ name: 'loginFailed', login: others.fingerprint, by: 'certificate' }),
      );
      const none = agent(null, options);
      for (let turn = 0; turn < 2; turn += 1)
        expect(codeOf(await rig.ask(FEED, { agent: none }))).toBe('LOGIN_MISSING');
      expect((await rig.poll('', { agent: agent(others, options) })).status).toBe(200);
    },
  );

  it('is asked for from the connection on that follows the making of its connector, and until that is revoked', async () => {
    const rig = await started();
    const mine = await clientCertificate();
    const own = agent(mine);
    const poll = () => rig.ask(FEED, { agent: own });
    expect(codeOf(await poll())).toBe('LOGIN_MISSING');
    const store = beside(rig);
    put(store, 'mt', { kind: 'mtls', fingerprints: [mine.fingerprint] });
    for (let turn = 0; turn < 2; turn += 1) expect((await poll()).status).toBe(200);
    store.removeConnector('mt');
    for (let turn = 0; turn < 2; turn += 1) expect(codeOf(await poll())).toBe('LOGIN_MISSING');
  });

  it('must come from the configured CA, too, where there is one', async () => {
    const notBeforeMs = Date.now() - 60_000;
    const authority = await createCertificateAuthority({
      ...{ commonName: 'servers', hosts: ['localhost'] },
      notBeforeMs,
      years: 1,
    });
    const served = await issueServerCertificate(authority, { hosts: ['localhost'], notBeforeMs, days: 9 });
    const clients = await clientAuthority();
    const [signed, stranger] = await Promise.all([clientCertificate(clients), clientCertificate()]);
    const connector = (name: string, { fingerprint }: ClientCertificate) =>
      `{ name: ${name}, feeds: [default], auth: { kind: mtls, fingerprint: ${fingerprint} } }`;
    const rig = await started({
      server: 'tls: { certFile: cert.pem, keyFile: key.pem, clientCaFile: clients.pem }',
      connectors: [connector('signed', signed), connector('stranger', stranger)],
      files: {
        'cert.pem': served.certificatePem,
        'key.pem': served.privateKeyPem,
        'clients.pem': clients.certificatePem,
      },
      caPem: authority.certificatePem,
    });
    const [own, foreign] = [agent(signed), agent(stranger)];
    for (let turn = 0; turn < 2; turn += 1) {
      expect((await rig.ask(FEED, { agent: own })).status).toBe(200);
      expect(codeOf(await rig.ask(FEED, { agent: foreign }))).toBe('LOGIN_WRONG');
    }
    expect((await rig.poll('', { agent: agent(null) })).status).toBe(200);
  });
});

describe('a key in the URL', () => {
  const connectors = [`{ name: keyed, feeds: [default], auth: { kind: urlKey, keyHash: ${hashSecret(KEY)} } }`];

  it('opens every address of the feed, and nothing that is said or logged has it', async () => {
    const rig = await started({ server: 'urlKeys: true', connectors });
    const said: Answer[] = [];
    const ask = async (path: string) => {
      const answer = await rig.ask(path);
      said.push(answer);
      return answer.status;
    };
    for (const address of ['detections?since=&', 'events?', 'api/alerts?sinceTimeUtc=&', 'API/Alerts?'])
      expect(await ask(`/v1/feeds/default/${address}key=${KEY}`)).toBe(200);
    expect(await ask(`/api/alerts/?key=${KEY}`)).toBe(200);
    expect(await ask(`/v1/feeds/private/detections?key=${KEY}`)).toBe(403);
    expect(await ask(`/v1/feeds/nowhere/detections?key=${KEY}`)).toBe(404);
    expect(await ask(`/v1/feeds/default/detections?since=never&key=${KEY}`)).toBe(400);
    expect(await ask(`/v1/feeds/default/detections?since=2026-01-01?key=${KEY}`)).toBe(401);
    expect(await ask(`/v1/feeds/default/detections?key=${KEY}&since=never%26key=${KEY}`)).toBe(400);
    // Encoded once and twice more than it should be.
    expect(await ask(`/v1/feeds/default/detections?key=${KEY}&since=x%253Fkey=${KEY}`)).toBe(400);
    expect(await ask(`/v1/feeds/default/detections?key=${KEY}&since=x%253Fkey%25253D${KEY}`)).toBe(400);
    expect(await ask(`/v1/feeds/default/events?key=${KEY}&limit=x&nothing=1`)).toBe(400);
    expect(await ask(`/status.json?key=${KEY}`)).toBe(401);
    expect(await ask(`/nowhere?key=${KEY}`)).toBe(404);
    expect(await ask(`/v1/feeds/default/detections?key=${KEY}x`)).toBe(401);
    expect(await ask(`/v1/feeds/%zz/detections?key=${KEY}`)).toBe(400);
    rig.breakStore();
    expect(await ask(`/v1/feeds/default/detections?key=${KEY}`)).toBe(503);
    const metrics = await rig.ask('/metrics', { user: 'ops', password: SECRETS.operator });
    for (const text of [JSON.stringify(said), rig.log(), JSON.stringify(rig.events), metrics.body])
      expect(text).not.toContain(KEY);
  });

  it('is refused where keys are not allowed, and no other login is hindered by it', async () => {
    const rig = await started();
    put(beside(rig), 'keyed', { kind: 'urlKey', keyHashes: [hashSecret(KEY)] });
    const refused = await rig.ask(`${FEED}&key=${KEY}`);
    expect([refused.status, codeOf(refused)]).toEqual([401, 'LOGIN_WRONG']);
    const login = { user: 'arcsight-01', password: SECRETS.connector };
    for (const address of ['detections', 'events', 'api/alerts'])
      expect((await rig.ask(`/v1/feeds/default/${address}?key=${KEY}`, login)).status).toBe(200);
  });
});

describe('X-Forwarded-For', () => {
  const addresses = (rig: BridgeRig) =>
    rig.events.flatMap((event) => (event.name === 'loginFailed' ? [event.address] : []));
  const wrong = (rig: BridgeRig, forwarded: string) =>
    rig.poll('', { password: 'wrong', headers: { 'x-forwarded-for': forwarded } });

  it('counts for nothing where no proxy is trusted: whoever writes it is limited all the same', async () => {
    const rig = await started();
    const statuses: number[] = [];
    for (let turn = 0; turn < 11; turn += 1) statuses.push((await wrong(rig, `192.0.2.${turn}`)).status);
    expect(statuses.at(-1)).toBe(429);
    expect(new Set(addresses(rig))).toEqual(new Set(['127.0.0.1']));
  });

  it('names the client where the proxy is trusted, by its last word that is no proxy', async () => {
    const rig = await started({ server: 'trustProxy: [127.0.0.0/8, 192.0.2.9]' });
    for (const forwarded of ['198.51.100.1', '203.0.113.5, 198.51.100.2', '198.51.100.3, 192.0.2.9', 'nonsense <b>'])
      await wrong(rig, forwarded);
    expect(addresses(rig)).toEqual(['198.51.100.1', '198.51.100.2', '198.51.100.3', '127.0.0.1']);
  });
});
