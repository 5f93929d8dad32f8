import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { account } from '../../../src/cli/account.ts';
import { hashSecret } from '../../../src/domain/credential.ts';
import { createLoginRig, type LoginRig } from './login-rig.ts';

let rig: LoginRig;
beforeEach(() => {
  rig = createLoginRig();
});
afterEach(() => {
  rig.remove();
});

const created = (name: string) => rig.logins((access) => access.connectors().find((one) => one.name === name) ?? null);
const answerTo = ({ wizard }: { wizard: readonly { field: string; answer: string }[] }, field: string) =>
  wizard.find((one) => one.field === field)?.answer;

describe('flexbridge connector create', () => {
  it('makes an OAuth2 client with a refresh token to paste, and keeps hashes only', async () => {
    const made = await rig.issue('create', 'arcsight-03', '--feed', 'default', 'quiet', 'default');
    expect(made).toMatchObject({
      connector: 'arcsight-03',
      kind: 'oauth2',
      clientId: 'arcsight-03',
      feeds: ['default', 'quiet'],
    });
    expect(Buffer.from(made.secret, 'base64url').length).toBeGreaterThanOrEqual(24);
    expect(Buffer.from(made.refreshToken?.token ?? '', 'base64url')).toHaveLength(32);
    expect(created('arcsight-03')).toMatchObject({
      feeds: ['default', 'quiet'],
      auth: {
        kind: 'oauth2',
        clientId: 'arcsight-03',
        secretHashes: [hashSecret(made.secret)],
        redirectUris: ['http://localhost:44300/flexbridge', 'https://localhost:44300/flexbridge'],
        acceptsBasic: false,
        rotatesRefreshTokens: false,
      },
    });
    expect(rig.logins((access) => access.refreshTokens())).toMatchObject([
      {
        tokenHash: hashSecret(made.refreshToken?.token ?? ''),
        grant: made.refreshToken?.id,
        connector: 'arcsight-03',
        clientId: 'arcsight-03',
        createdBy: account(),
        usedMs: null,
        replacedMs: null,
      },
    ]);
  });

  it('says what to type into which field of the wizard, and that this is the only time', async () => {
    await rig.store(1);
    const { code, out: printed, err } = await rig.command('connector', 'create', 'arcsight-03', '--feed', 'default');
    expect([code, err]).toEqual([0, '']);
    const out = printed.replaceAll(/ {2,}/g, '  ');
    for (const part of [
      'Made the connector arcsight-03: oauth2, may read default.',
      'Shown this once',
      'client secret',
      'Configuration File  default\n',
      '/v1/feeds/default/detections?since=$START_AT_TIME\n',
      'Authentication Type  OAuth2\n',
      'OAuth2 Client Properties File  $ARCSIGHT_HOME/user/agent/flexagent/default.properties\n',
      'Put client id and client secret into default.properties of the pack.\n',
    ])
      expect(out).toContain(part);
    const [, token = ''] = /refresh token +(\S{43}) /.exec(out) ?? [];
    expect(out).toContain(`Refresh Token  ${token}\n`);
  });

  it('reads every feed unless some are named, and names those that one FlexConnector does not read', async () => {
    const { out } = await rig.command('connector', 'create', 'arcsight-03');
    expect(out).toContain('may read every feed (now default, quiet, bare)');
    expect(out).toContain('One FlexConnector reads one feed. For another (quiet, bare)');
    expect(created('arcsight-03')?.feeds).toBeNull();
  });

  it('makes a basic login, whose password is the only secret', async () => {
    const made = await rig.issue('create', 'arcsight-03', '--kind', 'basic');
    expect(created('arcsight-03')?.auth).toEqual({ kind: 'basic', secretHashes: [hashSecret(made.secret)] });
    expect([made.refreshToken, answerTo(made, 'User name'), answerTo(made, 'Password')]).toEqual([
      null,
      'arcsight-03',
      made.secret,
    ]);
    expect(made.notes.join()).toContain('believed, not documented in public');
  });

  it('takes an OAuth2 client that may also use Basic, rotates its tokens and waits elsewhere', async () => {
    const made = await rig.issue(
      ...['create', 'arcsight-03', '--accept-basic', '--rotate-refresh-tokens'],
      ...['--redirect-uri', 'https://127.0.0.1:9000/back', 'http://[::1]:9000/back'],
    );
    expect(created('arcsight-03')?.auth).toMatchObject({
      acceptsBasic: true,
      rotatesRefreshTokens: true,
      redirectUris: ['https://127.0.0.1:9000/back', 'http://[::1]:9000/back'],
    });
    expect(made.notes.join()).toContain('choose Basic');
  });

  it('refuses a URL key while they are off, and makes a long one with a warning once they are on', async () => {
    const said = await rig.refusal('URL_KEYS_OFF', 'connector', 'create', 'arcsight-03', '--kind', 'urlKey');
    expect(said).toContain('server.urlKeys: true');
    expect(created('arcsight-03')).toBeNull();
    rig.configure((text) => `server: { urlKeys: true }\n${text}`);
    const made = await rig.issue('create', 'arcsight-03', '--kind', 'urlkey', '--feed', 'default');
    expect(Buffer.from(made.secret, 'base64url')).toHaveLength(32);
    expect(answerTo(made, 'Events URL')).toMatch(
      new RegExp(`/v1/feeds/default/detections\\?key=${made.secret}&since=\\$START_AT_TIME$`),
    );
    for (const part of ['agent.properties', 'proxy', 'rotate']) expect(made.notes.join()).toContain(part);
    expect(created('arcsight-03')?.auth).toEqual({ kind: 'urlKey', keyHashes: [hashSecret(made.secret)] });
  });

  it('makes the folder and the database of logins where serve has never run, and says that no audit line was written', async () => {
    expect(existsSync(join(rig.folder, 'data'))).toBe(false);
    const { code, err } = await rig.command('connector', 'create', 'arcsight-03');
    expect(code).toBe(0);
    expect(err).toMatch(/^flexbridge: done, but the audit trail has no line of it: .*\[STORE_ABSENT\]\n$/);
    const mode = (...path: readonly string[]) => statSync(join(rig.folder, ...path)).mode & 0o777;
    expect([mode('data'), mode('data', 'access.db')]).toEqual([0o700, 0o600]);
  });

  it('leaves an audit line without a secret in it', async () => {
    await rig.store(1);
    const made = await rig.issue('create', 'arcsight-03', '--feed', 'default');
    const details = { connector: 'arcsight-03', kind: 'oauth2', feeds: 'default', token: made.refreshToken?.id };
    expect(await rig.audited()).toEqual([{ action: 'connector-create', details }]);
  });

  it('is done all the same where the event store cannot be read', async () => {
    await rig.store(1);
    for (const end of ['', '-wal', '-shm']) rmSync(join(rig.folder, 'data', `events.db${end}`), { force: true });
    writeFileSync(join(rig.folder, 'data', 'events.db'), 'no database at all, but a text of some length'.repeat(50));
    const { code, out, err } = await rig.command('connector', 'create', 'arcsight-03', '--json');
    expect([code, JSON.parse(out)]).toMatchObject([0, { connector: 'arcsight-03' }]);
    expect(err.split('\n')).toHaveLength(2);
    expect(err).toContain('STORE_DAMAGED');
  });

  it.each<[string, string, readonly string[], string]>([
    ['a name that is none', 'CONNECTOR_NAME', ['ArcSight'], 'lower-case letters'],
    ['a name that is too long', 'CONNECTOR_NAME', ['a'.repeat(65)], 'at most 64'],
    ['no name', 'LOGIN_USE', [], 'connector create NAME'],
    ['a name of the configuration', 'CONNECTOR_EXISTS', ['arcsight-01'], 'wins by name and no command can change it'],
    ['an unknown kind', 'LOGIN_USE', ['x', '--kind', 'digest'], 'oauth2, basic, mtls, urlKey'],
    ['an unknown feed', 'FEED_UNKNOWN', ['x', '--feed', 'defautl'], 'default, quiet, bare'],
    [
      'a redirect to another machine',
      'REDIRECT_URI_INVALID',
      ['x', '--redirect-uri', 'https://evil.example/'],
      'localhost',
    ],
    ['a redirect that is no URL', 'REDIRECT_URI_INVALID', ['x', '--redirect-uri', 'localhost:1/x'], 'http'],
    ['an option of another kind', 'LOGIN_USE', ['x', '--kind', 'basic', '--client-file', 'f'], '--kind oauth2'],
    ['an option of another action', 'LOGIN_USE', ['x', '--yes'], 'connector revoke'],
    ['a certificate that is missing', 'LOGIN_USE', ['x', '--kind', 'mtls'], '--certificate FILE'],
  ])('refuses %s, and makes nothing', async (_what, code, args, part) => {
    expect(await rig.refusal(code, 'connector', 'create', ...args)).toContain(part);
    if (existsSync(join(rig.folder, 'data'))) expect(rig.logins((access) => access.connectors())).toEqual([]);
  });

  it('refuses the name of another login: a connector, its client id, an operator', async () => {
    await rig.issue('create', 'arcsight-03');
    const again = await rig.refusal('CONNECTOR_EXISTS', 'connector', 'create', 'arcsight-03', '--kind', 'basic');
    expect(again).toContain('flexbridge connector rotate arcsight-03');
    rig.logins((access) => {
      access.addOperator({ name: 'ops', passwordHash: 'x' });
    });
    expect(await rig.refusal('CONNECTOR_EXISTS', 'connector', 'create', 'ops')).toContain('operator');
    rig.configure((text) =>
      text.replace(
        /auth: \{ kind: basic, secretHash: (\S+) \}/,
        'auth: { kind: oauth2, clientId: siem, secretHash: $1 }',
      ),
    );
    expect(await rig.refusal('CONNECTOR_EXISTS', 'connector', 'create', 'siem')).toContain(
      'client id of the connector arcsight-01',
    );
  });

  it('ends with 78 where the configuration is wrong', async () => {
    rig.configure((text) => `${text}wrong: 1\n`);
    expect((await rig.command('connector', 'create', 'arcsight-03')).code).toBe(78);
  });

  it('does not inherit refresh tokens of a connector of that name that stood in the configuration', async () => {
    rig.configure((text) => text.replace('kind: basic', 'kind: oauth2'));
    await rig.command('token', 'create', '--connector', 'arcsight-01');
    rig.configure((text) => text.replace(/.*arcsight-01.*\n/, ''));
    const made = await rig.issue('create', 'arcsight-01');
    expect(rig.logins((access) => access.refreshTokens().map(({ grant }) => grant))).toEqual([made.refreshToken?.id]);
  });
});

describe('flexbridge connector list', () => {
  it('shows configured and created ones, with kind, feeds, rotation and tokens, but neither secret nor hash', async () => {
    await rig.store(1);
    const made = await rig.issue('create', 'arcsight-03', '--feed', 'quiet');
    await rig.issue('create', 'arcsight-04', '--kind', 'basic');
    const { secret } = await rig.issue('rotate', 'arcsight-04');
    const { code, out, err } = await rig.command('connector', 'list');
    expect([code, err]).toEqual([0, '']);
    const rows = out.split('\n').map((line) => line.replace(/\S+T\S+Z/, 'TIME').split(/ {2,}/));
    expect(rows).toEqual([
      ['connector', 'kind', 'feeds', 'made by', 'made', 'rotation', 'refresh tokens'],
      ['arcsight-01', 'basic', 'default, bare', 'configuration'],
      ['arcsight-02', 'basic', 'default', 'configuration'],
      ['arcsight-03', 'oauth2', 'quiet', 'command', 'TIME', '1'],
      ['arcsight-04', 'basic', '(every)', 'command', 'TIME', 'two passwords'],
      [''],
    ]);
    const json = (await rig.command('connector', 'list', '--json')).out;
    expect(JSON.parse(json)).toMatchObject([
      { name: 'arcsight-01', origin: 'configuration', createdMs: null },
      { name: 'arcsight-02' },
      { name: 'arcsight-03', origin: 'created', feeds: ['quiet'], refreshTokens: 1, clientId: 'arcsight-03' },
      { name: 'arcsight-04', feeds: null, rotating: true, refreshTokens: null, hidden: false },
    ]);
    for (const text of [secret, made.secret, made.refreshToken?.token ?? '', hashSecret('a'), hashSecret(secret)])
      expect(out + json).not.toContain(text);
  });

  it('marks a created one that the configuration hides', async () => {
    await rig.issue('create', 'arcsight-03');
    rig.configure((text) => text.replace('name: arcsight-02', 'name: arcsight-03'));
    expect((await rig.command('connector', 'list')).out).toContain('not in use: the configuration wins');
    const said = await rig.refusal('CONNECTOR_CONFIGURED', 'connector', 'rotate', 'arcsight-03');
    expect(said).toContain('stands in the configuration');
  });

  it('says how to begin where there is none', async () => {
    rig.configure((text) => text.replace(/connectors:\n( .*\n)+/, ''));
    expect((await rig.command('connector', 'list')).out).toContain('flexbridge connector create NAME');
  });
});
