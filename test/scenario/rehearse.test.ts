import { readFileSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderPack, writePack } from '../../src/connector/bundle.ts';
import { PLACEHOLDERS } from '../../src/connector/client-file.ts';
import type { Authorization } from '../../src/connector/feed-login.ts';
import { loadParser } from '../../src/connector/interpreter/load-parser.ts';
import { createOAuthClient } from '../../src/connector/oauth-client.ts';
import { readPack } from '../../src/connector/pack-reader.ts';
import { createPoller } from '../../src/connector/poller.ts';
import { DEFAULT_CHOICES } from '../../src/domain/arcsight-choices.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { createCertificateAuthority, issueServerCertificate } from '../../src/http/tls/certificate-authority.ts';
import { SECRETS } from '../support/bridge-rig.ts';
import { aKeyPair } from '../support/key-pair.ts';
import { findLeaks } from '../support/leak-check.ts';
import { type MovedClock, movedClock } from '../support/moved-clock.ts';
import { createRehearsalRig, editFile, freePort, type Ran, type RehearsalRig } from '../support/rehearsal-rig.ts';
import { onStoredFile } from '../support/stored-file.ts';

const SIGNAL = new AbortController().signal;

let rig: RehearsalRig;
/** The bridge's. */
let clock: MovedClock;
let hidden: string[];
beforeEach(async () => {
  hidden = [];
  clock = movedClock(0);
  rig = await createRehearsalRig({ feed: 'page: { maxEvents: 5 }', clock });
  await rig.bridge.startBridge();
  await rig.bridge.seen('pollFinished');
});
afterEach(async () => {
  await rig.bridge.close();
});

/** A login of that kind with its pack, and the options that go with it. */
async function prepare(
  kind: string,
  ...more: readonly string[]
): Promise<{ pack: string; options: string[]; id: string }> {
  if (kind === 'mtls') {
    const { certificatePem, privateKeyPem } = aKeyPair('arcsight-tls');
    const options = [
      '--certificate',
      rig.file('client.pem', certificatePem),
      '--key',
      rig.file('client-key.pem', privateKeyPem),
    ];
    await rig.login('mine', kind, '--certificate', rig.file('client.pem', certificatePem));
    hidden.push(privateKeyPem);
    return { pack: await rig.pack('mine'), options, id: '' };
  }
  const { secret, refreshToken } = await rig.login('mine', kind, ...more);
  hidden.push(secret, refreshToken?.token ?? secret);
  const pack = await rig.pack('mine', kind === 'oauth2' ? secret : undefined);
  const file = rig.file('secret', `${refreshToken?.token ?? secret}\n`);
  return { pack, options: ['--secret-file', file], id: refreshToken?.id ?? '' };
}

async function rehearse(pack: string, options: readonly string[]): Promise<Ran> {
  const ran = await rig.run(['rehearse', '--pack', pack, ...options]);
  const shown = [ran.out, ran.err, rig.bridge.log()].map((text, at) => ({ where: `text ${at}`, text }));
  expect(
    findLeaks(
      hidden.map((text) => ({ what: 'secret', text })),
      shown,
    ),
  ).toEqual([]);
  return ran;
}

interface Connector {
  readonly authorization: Authorization;
  readonly ca: Buffer;
  readonly mode?: 'newest-event' | 'wall-clock';
  /** Done after each page. */
  readonly between?: () => Promise<unknown>;
}

/** DetectionIds of everything that a connector is given until nothing is left. */
async function everything(connector: Connector): Promise<readonly string[]> {
  const { mode = 'newest-event', between } = connector;
  const poller = createPoller({
    url: `${rig.publicUrl}/v1/feeds/default/detections?since=$START_AT_TIME`,
    ca: connector.ca,
    authorization: connector.authorization,
    parser: loadParser(readFileSync('flexconnector/default.jsonparser.properties')).definition,
    mode,
    clock: systemClock,
    startTimeMs: systemClock.now(),
  });
  const ids: string[] = [];
  for (;;) {
    const result = await poller.poll(SIGNAL);
    if (result.kind === 'failed') throw new Error(result.message);
    if (result.rawCount === 0) break;
    ids.push(...result.events.map(({ fields }) => String(fields['deviceCustomString2'])));
    await between?.();
  }
  poller.close();
  return ids;
}

describe('rehearse', () => {
  it.each(['oauth2', 'basic', 'mtls', 'urlKey'])(
    'receives events over verified TLS with the login %s',
    async (kind) => {
      const { pack, options } = await prepare(kind);
      const { code, out, err } = await rehearse(pack, options);
      expect({ code, err }, out).toEqual({ code: 0, err: '' });
      expect(out).toContain('checked with the CA certificate of the pack');
      expect(out).toMatch(/answered 200 with 5 events/);
      expect(out).toMatch(/for example: name ".+", severity (Low|Medium|High|Very-High), deviceReceiptTime 20/);
      expect(out).toContain('A connector with this pack gets its events.');
      expect(out).not.toMatch(/FAILED|warning/);
    },
  );

  it.each(['newest-event', 'wall-clock'] as const)(
    'looks between the polls of a connector that goes by its %s, which misses nothing',
    async (mode) => {
      const { pack, options } = await prepare('basic');
      const ca = readFileSync(join(pack, 'flexbridge-ca.pem'));
      const all = await everything({
        ca,
        authorization: { kind: 'basic', user: 'arcsight-01', password: SECRETS.connector },
      });
      const [password = ''] = hidden;
      let looks = 0;
      const between = async (): Promise<void> => {
        looks += 1;
        if (looks === 2) expect((await rehearse(pack, options)).code).toBe(0);
      };
      const authorization = { kind: 'basic', user: 'mine', password } as const;
      const given = await everything({ ca, authorization, mode, between });
      expect([...new Set(given)]).toEqual(all);
      expect(looks).toBeGreaterThan(2);
    },
  );

  it('takes events only where it is told to, as a connector does', async () => {
    const { pack, options } = await prepare('basic');
    const { code, out } = await rehearse(pack, [...options, '--take', '--polls', '2', '--json']);
    expect(code, out).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, mode: 'take' });
    expect(await rig.bridge.seen('pageAcknowledged')).toMatchObject({ connector: 'mine' });
  });

  it.each(['basic', 'urlKey', 'oauth2'])('says that the secret is wrong: %s', async (kind) => {
    const { pack, options } = await prepare(kind);
    if (kind === 'oauth2') editFile(join(pack, 'default.properties'), /^client_secret=.*$/m, 'client_secret=wrong');
    else rig.file('secret', 'wrong\n');
    const { code, out } = await rehearse(pack, options);
    expect(code).toBe(1);
    if (kind === 'oauth2')
      expect(out).toMatch(/FATAL EXCEPTION: Could not refresh the access token.*400.*invalid_client/);
    else expect(out).toMatch(/FAILED +ask for events\n +! HEAD on the Events URL: answered 401\n.*wrong/);
    expect(out).toContain('flexbridge connector rotate mine');
  });

  it('says in the words of the connector that the refresh token was revoked', async () => {
    const { pack, options, id } = await prepare('oauth2');
    const config = join(rig.bridge.folder, 'flexbridge.yaml');
    expect((await rig.run(['token', 'revoke', id, '--config', config])).code).toBe(0);
    const { code, out } = await rehearse(pack, options);
    expect(code).toBe(1);
    expect(out).toMatch(/Set reauthenticate to true.*status=HTTP\/1.1 400 Bad Request \(invalid_grant\)/);
    expect(out).toContain('flexbridge token create --connector mine');
  });

  it('keeps the refresh token that it is given in place of the old one', async () => {
    const { pack, options } = await prepare('oauth2', '--rotate-refresh-tokens');
    const [, file = ''] = options;
    const { code, out } = await rehearse(pack, options);
    expect(code, out).toBe(0);
    const next = readFileSync(file, 'utf8').trim();
    expect(hidden).not.toContain(next);
    hidden.push(next);
    expect(out).toContain('rotates refresh tokens');
    expect((await rehearse(pack, options)).code).toBe(0);
  });

  it('trusts the CA of the pack alone, and sends no login where it has not issued the certificate', async () => {
    const { pack, options } = await prepare('basic');
    const hosts = ['localhost'];
    const other = await createCertificateAuthority({
      commonName: 'Other',
      hosts,
      notBeforeMs: Date.now() - 1000,
      years: 1,
    });
    writeFileSync(join(pack, 'flexbridge-ca.pem'), other.certificatePem);
    const { code, out } = await rehearse(pack, options);
    expect(code).toBe(1);
    expect(out).toMatch(/FAILED +verify its certificate[\s\S]*it was not issued by the CA of the pack/);
    expect(out).toContain('flexbridge-ca.pem: was changed since the pack was made');
    expect(rig.bridge.events.filter(({ name }) => name === 'feedRequest')).toEqual([]);
  });

  it('names an edited parser file and goes on with it', async () => {
    const { pack, options } = await prepare('basic');
    editFile(join(pack, 'default.jsonparser.properties'), /^event\.name=.*$/m, '# event.name');
    const { code, out } = await rehearse(pack, options);
    expect(code).toBe(1);
    expect(out).toContain('default.jsonparser.properties: was changed since the pack was made');
    expect(out).toContain('5 of 5 events have no name');
  });

  it('names the placeholder that still stands for the client secret, and asks for no token', async () => {
    const { pack, options } = await prepare('oauth2');
    const placeholder = `client_secret=${PLACEHOLDERS.clientSecret}`;
    editFile(join(pack, 'default.properties'), /^client_secret=.*$/m, placeholder);
    const { code, out } = await rehearse(pack, options);
    expect(code).toBe(1);
    expect(out).toContain('default.properties: a placeholder still stands');
    expect(out).toMatch(/skipped +get an access token/);
  });

  it('says that the bridge is down', async () => {
    const { pack, options } = await prepare('basic');
    await rig.bridge.stopBridge();
    const { code, out } = await rehearse(pack, options);
    expect(code).toBe(1);
    expect(out).toMatch(/FAILED +find the bridge[\s\S]*ECONNREFUSED[\s\S]*flexbridge serve/);
  });

  it('says that a 503 passes', async () => {
    const { pack, options } = await prepare('basic');
    rig.bridge.breakStore();
    const { code, out } = await rehearse(pack, options);
    expect(code).toBe(1);
    expect(out).toMatch(/! HEAD on the Events URL: answered 503\n.*Nothing is lost/);
  });

  it('asks for the option that the login kind of the pack needs, and refuses one of another kind', async () => {
    const { pack, options } = await prepare('urlKey');
    const without = await rehearse(pack, []);
    expect(without.code).toBe(1);
    expect(without.err).toContain('REHEARSE_LOGIN');
    const foreign = await rehearse(pack, [...options, '--user', 'me']);
    expect(foreign.code).toBe(1);
    expect(foreign.err).toContain('has no use for --user');
    const [key = ''] = hidden;
    const piped = await rig.run(['rehearse', '--pack', pack, '--secret-file', '-'], `${key}\n`);
    expect(piped.code, piped.out).toBe(0);
  });
});

describe('rehearse, again and again while a page of the connector is pending', () => {
  const LOOKS = 20;
  const FIFTEEN_MINUTES_MS = 15 * 60_000;

  const positionOf = (connector: string): string =>
    onStoredFile(rig.bridge.folder, (db) =>
      JSON.stringify(db.prepare('SELECT * FROM position WHERE connector = ?').all(connector)),
    );

  async function authorizationOf(kind: string, pack: string): Promise<Authorization> {
    const [secret = '', refreshToken = ''] = hidden;
    if (kind === 'basic') return { kind, user: 'mine', password: secret };
    if (kind === 'urlKey') return { kind, key: secret };
    if (kind === 'mtls') {
      const certificatePem = readFileSync(join(rig.bridge.folder, 'client.pem'), 'utf8');
      return { kind: 'certificate', certificate: { certificatePem, privateKeyPem: secret } };
    }
    const { client, caPem } = await readPack(pack);
    if (client === null || caPem === null) throw new Error('no client file');
    const keepRefreshToken = (): void => undefined;
    const tokens = createOAuthClient({ ...client, ca: caPem, refreshToken, clock: systemClock, keepRefreshToken });
    return { kind: 'bearer', tokens };
  }

  it.each(['oauth2', 'basic', 'mtls', 'urlKey'])(
    'moves and counts nothing with the login %s, so that the connector gets every event once',
    async (kind) => {
      const { pack, options } = await prepare(kind);
      const ca = readFileSync(join(pack, 'flexbridge-ca.pem'));
      const all = await everything({
        ca,
        authorization: { kind: 'basic', user: 'arcsight-01', password: SECRETS.connector },
      });
      let pages = 0;
      const between = async (): Promise<void> => {
        pages += 1;
        if (pages > 1) return;
        await expect.poll(() => positionOf('mine')).toContain('closed');
        const before = positionOf('mine');
        const from = rig.bridge.events.length;
        for (let look = 0; look < LOOKS; look += 1) {
          expect((await rehearse(pack, options)).code).toBe(0);
          clock.pass(FIFTEEN_MINUTES_MS / LOOKS);
        }
        expect(positionOf('mine')).toBe(before);
        const told = rig.bridge.events.slice(from).map(({ name }) => name);
        expect(told.filter((name) => /^(page|try|eventPassedOver|loginFailed)/.test(name))).toEqual([]);
      };
      expect(await everything({ ca, authorization: await authorizationOf(kind, pack), between })).toEqual(all);
      expect(pages).toBeGreaterThan(1);
    },
  );

  it('makes no position for a connector that has not asked yet, and is noted nowhere', async () => {
    const { pack, options } = await prepare('basic');
    expect((await rehearse(pack, options)).code).toBe(0);
    expect(positionOf('mine')).toBe('[]');
    const noted = onStoredFile(rig.bridge.folder, (db) => [
      db.prepare('SELECT * FROM cursor_reader').all(),
      db.prepare("SELECT served_seq FROM feed WHERE name = 'default'").all(),
    ]);
    expect(noted).toEqual([[], [{ served_seq: 0 }]]);
  });
});

describe('rehearse, against another server', () => {
  const DAY_MS = 86_400_000;

  /** A server on this machine with a certificate of the pack's own CA. */
  async function against(
    names: readonly string[],
    issued: { readonly agoDays: number; readonly days: number },
    answer: RequestListener,
  ): Promise<Ran> {
    const notBeforeMs = Date.now() - 800 * DAY_MS;
    const ca = await createCertificateAuthority({
      commonName: 'CA',
      hosts: ['localhost', 'other.example'],
      notBeforeMs,
      years: 10,
    });
    const pair = await issueServerCertificate(ca, {
      hosts: names,
      notBeforeMs: Date.now() - issued.agoDays * DAY_MS,
      days: issued.days,
    });
    const server = createServer({ cert: pair.certificatePem, key: pair.privateKeyPem }, answer);
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const publicUrl = `https://localhost:${port}`;
    const login = { kind: 'basic', connector: 'mine' } as const;
    const settings = { feed: 'default', layout: 'microsoft', receiptTime: 'feed', choices: DEFAULT_CHOICES } as const;
    const pack = join(rig.bridge.folder, 'pack-stub');
    await writePack(pack, renderPack({ ...settings, publicUrl, login, caPem: ca.certificatePem }));
    const ran = await rehearse(pack, ['--secret-file', rig.file('secret', 'some password\n')]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    return ran;
  }

  it.each([
    ['has expired', ['localhost'], { agoDays: 40, days: 30 }, /the certificate has expired on 20/],
    ['is of another host', ['other.example'], { agoDays: 1, days: 30 }, /does not name localhost/],
  ] as const)('says that its certificate %s, and asks for nothing', async (_, names, issued, says) => {
    let asked = 0;
    const { code, out } = await against(names, issued, () => {
      asked += 1;
    });
    expect({ code, asked }).toEqual({ code: 1, asked: 0 });
    expect(out).toMatch(says);
    expect(out).not.toContain('not issued by');
  });

  it('says that a server in front refuses HEAD, and reads events all the same', async () => {
    const asked: string[] = [];
    const { code, out } = await against(['localhost'], { agoDays: 1, days: 30 }, (request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      if (request.method === 'HEAD') response.writeHead(405).end();
      else response.end('[]');
    });
    expect(code, out).toBe(0);
    expect(out).toMatch(/warning +ask for events[\s\S]*HEAD on the Events URL: answered 405\. .*a server in front/);
    expect(asked).toEqual([
      'HEAD /v1/feeds/default/detections?since=$START_AT_TIME',
      'GET /v1/feeds/default/events?format=array&limit=20&look=true',
    ]);
  });
});
