import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { account } from '../../../src/cli/account.ts';
import { hashSecret } from '../../../src/domain/credential.ts';
import { createLoginRig, type LoginRig } from './login-rig.ts';

const DAY_MS = 86_400_000;

let rig: LoginRig;
beforeEach(async () => {
  rig = createLoginRig();
  await rig.store(1);
});
afterEach(() => {
  rig.remove();
});

interface Minted {
  readonly connector: string;
  readonly clientId: string;
  readonly id: string;
  readonly token: string;
}
const mint = async (connector: string): Promise<Minted> => {
  const { out, err } = await rig.command('token', 'create', '--connector', connector, '--json');
  if (err !== '') throw new Error(err);
  return JSON.parse(out) as Minted;
};
const grants = () => rig.logins((access) => access.refreshTokens().map(({ grant }) => grant)).toSorted();

describe('flexbridge token create', () => {
  it('mints a refresh token of 256 bits, shows it once and keeps its hash', async () => {
    await rig.issue('create', 'arcsight-03');
    const { code, out, err } = await rig.command('token', 'create', '--connector', 'arcsight-03');
    expect([code, err]).toEqual([0, '']);
    const [, token = ''] = /refresh token +(\S+)\n/.exec(out) ?? [];
    const [, id = ''] = /token revoke (\S+)\n/.exec(out) ?? [];
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    const kept = rig.logins((access) => access.refreshToken(hashSecret(token)));
    expect(kept).toMatchObject({ grant: id, connector: 'arcsight-03', clientId: 'arcsight-03', createdBy: account() });
    expect((await rig.audited())[0]).toEqual({
      action: 'token-create',
      details: { connector: 'arcsight-03', token: id },
    });
  });

  it('works for a client of the configuration, by its client id', async () => {
    rig.configure((text) => text.replace('auth: { kind: basic', 'auth: { kind: oauth2, clientId: siem'));
    expect(await mint('arcsight-01')).toMatchObject({ connector: 'arcsight-01', clientId: 'siem' });
    expect(rig.logins((access) => access.refreshTokens())).toMatchObject([
      { connector: 'arcsight-01', clientId: 'siem' },
    ]);
  });

  it.each<[string, string, readonly string[], string]>([
    [
      'a connector of another kind',
      'REFRESH_TOKEN_KIND',
      ['--connector', 'arcsight-01'],
      'only oauth2 has refresh tokens',
    ],
    ['an unknown connector', 'CONNECTOR_UNKNOWN', ['--connector', 'arcsight-09'], 'arcsight-01, arcsight-02'],
    ['no connector', 'LOGIN_USE', [], '--connector NAME'],
    ['an id', 'LOGIN_USE', ['abc', '--connector', 'arcsight-01'], 'token revoke'],
  ])('refuses %s', async (_what, code, args, part) => {
    expect(await rig.refusal(code, 'token', 'create', ...args)).toContain(part);
    expect(grants()).toEqual([]);
  });
});

describe('flexbridge token list', () => {
  it('shows one line a token, its successors by rotation with it, and never the token', async () => {
    const made = await rig.issue('create', 'arcsight-03');
    const { token = '', id = '' } = made.refreshToken ?? {};
    rig.logins((access) => {
      const nowMs = Date.now();
      access.noteUse(hashSecret(token), nowMs);
      const old = access.refreshToken(hashSecret(token));
      if (old === null) throw new Error('not kept');
      access.replaceRefreshToken(old.tokenHash, {
        ...old,
        tokenHash: hashSecret('next'),
        createdMs: nowMs + DAY_MS,
        usedMs: null,
      });
    });
    const { out } = await rig.command('token', 'list');
    const today = new Date().toISOString().slice(0, 10);
    expect(out.split('\n').map((line) => line.replace(/\S+T\S+Z/, 'TIME').split(/ {2,}/))).toEqual([
      ['id', 'connector', 'made', 'by', 'last used'],
      [id, 'arcsight-03', 'TIME', account(), today],
      [''],
    ]);
    const json = (await rig.command('token', 'list', '--json')).out;
    expect(JSON.parse(json)).toMatchObject([{ id, connector: 'arcsight-03', usable: true }]);
    for (const text of [token, hashSecret(token)]) expect(out + json).not.toContain(text);
  });

  it('shows those of one connector, and marks those whose connector is gone', async () => {
    rig.configure((text) => text.replaceAll('kind: basic', 'kind: oauth2'));
    const [first] = [await mint('arcsight-01'), await mint('arcsight-02')];
    const only = await rig.command('token', 'list', '--connector', 'arcsight-01', '--json');
    expect(JSON.parse(only.out)).toMatchObject([{ id: first.id, usable: true }]);
    rig.configure((text) => text.replace(/.*arcsight-01.*\n/, ''));
    const { out } = await rig.command('token', 'list');
    expect(out.split('\n').find((line) => line.startsWith(first.id))).toContain('refused: no such connector');
    await rig.refusal('CONNECTOR_UNKNOWN', 'token', 'list', '--connector', 'arcsight-09');
  });
});

describe('flexbridge token revoke', () => {
  it('takes one token back by its id', async () => {
    await rig.issue('create', 'arcsight-03');
    const [left] = grants();
    const { id } = await mint('arcsight-03');
    const { out } = await rig.command('token', 'revoke', id.toUpperCase());
    expect(out).toContain(`Revoked 1 refresh token: ${id} (arcsight-03)`);
    expect(grants()).toEqual([left]);
    expect((await rig.audited())[0]).toEqual({
      action: 'token-revoke',
      details: { connector: 'arcsight-03', token: id },
    });
  });

  it('takes all of a connector back with --all, and those of others not', async () => {
    rig.configure((text) => text.replaceAll('kind: basic', 'kind: oauth2'));
    const made = [await mint('arcsight-01'), await mint('arcsight-01'), await mint('arcsight-02')];
    const { out } = await rig.command('token', 'revoke', '--connector', 'arcsight-01', '--all', '--json');
    expect((JSON.parse(out) as { revoked: string[] }).revoked.toSorted()).toEqual(
      made
        .slice(0, 2)
        .map(({ id }) => id)
        .toSorted(),
    );
    expect(grants()).toEqual([made[2]?.id]);
    const again = await rig.command('token', 'revoke', '--connector', 'arcsight-01', '--all');
    expect([again.code, again.out]).toEqual([0, 'There was none to revoke.\n']);
  });

  it('does not quote what was given as an id: it may be the token itself', async () => {
    await rig.issue('create', 'arcsight-03');
    const { token } = await mint('arcsight-03');
    const said = await rig.refusal('REFRESH_TOKEN_UNKNOWN', 'token', 'revoke', token);
    expect(said).toContain('The token itself is not its id');
    expect(said).not.toContain(token);
    expect(grants()).toHaveLength(2);
  });

  it.each<[string, readonly string[]]>([
    ['nothing', []],
    ['an id and all', ['abc', '--connector', 'arcsight-01', '--all']],
    ['all of everybody', ['--all']],
    ['a connector without --all', ['--connector', 'arcsight-01']],
  ])('revokes nothing where %s is given', async (_what, args) => {
    await rig.issue('create', 'arcsight-03');
    expect(await rig.refusal('LOGIN_USE', 'token', 'revoke', ...args)).toContain('token revoke ID');
    expect(grants()).toHaveLength(1);
  });

  it('finds an id only among those of the connector that is named', async () => {
    rig.configure((text) => text.replaceAll('kind: basic', 'kind: oauth2'));
    const { id } = await mint('arcsight-01');
    await rig.refusal('REFRESH_TOKEN_UNKNOWN', 'token', 'revoke', id, '--connector', 'arcsight-02');
    expect(grants()).toEqual([id]);
  });
});
