import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderPack, writePack } from '../../src/connector/bundle.ts';
import { loadParser } from '../../src/connector/interpreter/load-parser.ts';
import { type Authorization, createPoller } from '../../src/connector/poller.ts';
import { DEFAULT_CHOICES } from '../../src/domain/arcsight-choices.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { createCertificateAuthority, issueServerCertificate } from '../../src/http/tls/certificate-authority.ts';
import { SECRETS } from '../support/bridge-rig.ts';
import { aKeyPair } from '../support/key-pair.ts';
import { findLeaks } from '../support/leak-check.ts';
import { createRehearsalRig, editFile, freePort, type Ran, type RehearsalRig } from '../support/rehearsal-rig.ts';

const SIGNAL = new AbortController().signal;

let rig: RehearsalRig;
let hidden: string[];
beforeEach(async () => {
  hidden = [];
  rig = await createRehearsalRig({ feed: 'page: { maxEvents: 5 }' });
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

  it('only looks: nothing counts as delivered, and the connector still gets every event once', async () => {
    const { pack, options } = await prepare('basic');
    const ca = readFileSync(join(pack, 'flexbridge-ca.pem'));
    const all = await everything({
      ca,
      authorization: { kind: 'basic', user: 'arcsight-01', password: SECRETS.connector },
    });
    for (const _ of [1, 2]) expect((await rehearse(pack, options)).code).toBe(0);
    const acknowledged = rig.bridge.events.filter((event) => event.name === 'pageAcknowledged');
    expect(acknowledged.filter((event) => event.connector === 'mine')).toEqual([]);
    const [password = ''] = hidden;
    expect(await everything({ ca, authorization: { kind: 'basic', user: 'mine', password } })).toEqual(all);
    expect(await rig.bridge.seen('tryBroken')).toMatchObject({ connector: 'mine' });
  });

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
    else expect(out).toMatch(/FAILED +ask for events\n +! answered 401\n.*wrong/);
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
    const { options } = await prepare('oauth2');
    const { code, out } = await rehearse(await rig.pack('mine'), options);
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
    expect(out).toMatch(/! answered 503\n.*Nothing is lost/);
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

describe('rehearse, with a certificate that does not do', () => {
  const DAY_MS = 86_400_000;

  /** A server on this machine with a certificate of the pack's own CA. */
  async function against(
    names: readonly string[],
    issued: { readonly agoDays: number; readonly days: number },
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
    let asked = 0;
    const server = createServer({ cert: pair.certificatePem, key: pair.privateKeyPem }, (_, response) => {
      asked += 1;
      response.end('[]');
    });
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
    expect(asked).toBe(0);
    return ran;
  }

  it.each([
    ['has expired', ['localhost'], { agoDays: 40, days: 30 }, /the certificate has expired on 20/],
    ['is of another host', ['other.example'], { agoDays: 1, days: 30 }, /does not name localhost/],
  ] as const)('says that it %s', async (_, names, issued, says) => {
    const { code, out } = await against(names, issued);
    expect(code).toBe(1);
    expect(out).toMatch(says);
    expect(out).not.toContain('not issued by');
  });
});
