import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  askToken,
  CLIENT,
  codeFor,
  createOAuthRig,
  exchange,
  type OAuthRig,
  ROTATING,
  refresh,
  signIn,
  tokensOf,
} from '../support/oauth-rig.ts';

let rig: OAuthRig;
beforeEach(async () => {
  rig = await createOAuthRig();
});
afterEach(() => rig.close());

const DAY_MS = 86_400_000;

function errorOf({ status, body }: { readonly status: number; readonly body: string }): readonly [number, string] {
  return [status, (JSON.parse(body) as { error: string }).error];
}

function refusals(): readonly unknown[] {
  return rig.audit.filter(({ action }) => action === 'token-refused').map(({ who, details }) => [who, details]);
}

describe('a refresh', () => {
  it('every hour for a year works with the same token and never tells the auditor', async () => {
    const first = await tokensOf(rig, exchange(await codeFor(rig)));
    const lines = rig.audit.length;
    for (let hour = 0; hour < 365 * 24; hour += 1) {
      rig.clock.step(3_600_000);
      const next = await tokensOf(rig, refresh(first.refresh_token));
      expect(next.refresh_token).toBe(first.refresh_token);
      expect(next.expires_in).toBe(3600);
    }
    expect(rig.audit.length).toBe(lines);
    const [token] = rig.store.refreshTokens();
    expect(token?.usedMs).toBe(rig.clock.now() - (rig.clock.now() % DAY_MS));
  });

  it('every hour for a year works with rotation, where each answer has the next token', async () => {
    let { refresh_token: token } = await tokensOf(
      rig,
      exchange(await codeFor(rig, { client_id: ROTATING.id })),
      ROTATING,
    );
    const seen = new Set([token]);
    for (let hour = 0; hour < 365 * 24; hour += 1) {
      rig.clock.step(3_600_000);
      token = (await tokensOf(rig, refresh(token), ROTATING)).refresh_token;
      seen.add(token);
    }
    expect(seen.size).toBe(365 * 24 + 1);
    expect(new Set(rig.store.refreshTokens().map(({ grant }) => grant)).size).toBe(1);
  });

  it('with a token that was replaced gives the same successor for a day, then nothing', async () => {
    const { refresh_token: old } = await tokensOf(
      rig,
      exchange(await codeFor(rig, { client_id: ROTATING.id })),
      ROTATING,
    );
    const { refresh_token: successor } = await tokensOf(rig, refresh(old), ROTATING);
    expect(successor).not.toBe(old);
    rig.clock.step(DAY_MS);
    expect((await tokensOf(rig, refresh(old), ROTATING)).refresh_token).toBe(successor);
    rig.clock.step(1);
    expect(errorOf(await askToken(rig, refresh(old), ROTATING))).toEqual([400, 'invalid_grant']);
    expect(refusals()).toMatchObject([[ROTATING.connector, { reason: expect.stringContaining('replaced') as string }]]);
    expect((await askToken(rig, refresh(successor), ROTATING)).status).toBe(200);
  });

  it('is refused once the grant is revoked, and access tokens go with it', async () => {
    const { refresh_token } = await tokensOf(rig, exchange(await codeFor(rig)));
    const grant = rig.store.refreshTokens()[0]?.grant ?? '';
    rig.store.revokeGrant(grant);
    expect(errorOf(await askToken(rig, refresh(refresh_token)))).toEqual([400, 'invalid_grant']);
    expect(refusals()).toHaveLength(1);
  });

  it('is refused to another client', async () => {
    const { refresh_token } = await tokensOf(rig, exchange(await codeFor(rig)));
    expect(errorOf(await askToken(rig, refresh(refresh_token), ROTATING))).toEqual([400, 'invalid_grant']);
    expect((await askToken(rig, refresh(refresh_token))).status).toBe(200);
  });

  it('works with the new secret after the old one was replaced', async () => {
    const { refresh_token } = await tokensOf(rig, exchange(await codeFor(rig)));
    const secret = 'client-secret-value-9';
    rig.setLogins((logins) => ({
      ...logins,
      connectors: logins.connectors.map((login) =>
        login.auth.kind === 'oauth2' && login.name === CLIENT.connector
          ? { ...login, auth: { ...login.auth, secretHashes: [createHash('sha256').update(secret).digest('hex')] } }
          : login,
      ),
    }));
    expect(errorOf(await askToken(rig, refresh(refresh_token)))).toEqual([400, 'invalid_client']);
    expect((await askToken(rig, refresh(refresh_token), { ...CLIENT, secret })).status).toBe(200);
  });

  it('is refused after 400 days without use, and each use begins them anew', async () => {
    const { refresh_token } = await tokensOf(rig, exchange(await codeFor(rig)));
    for (let round = 0; round < 3; round += 1) {
      rig.clock.step(399 * DAY_MS);
      expect((await askToken(rig, refresh(refresh_token))).status).toBe(200);
    }
    rig.clock.step(401 * DAY_MS);
    expect(errorOf(await askToken(rig, refresh(refresh_token)))).toEqual([400, 'invalid_grant']);
  });

  it('works after a restart of the bridge', async () => {
    const first = await tokensOf(rig, exchange(await codeFor(rig)));
    const rotated = await tokensOf(rig, exchange(await codeFor(rig, { client_id: ROTATING.id })), ROTATING);
    const next = await tokensOf(rig, refresh(rotated.refresh_token), ROTATING);
    await rig.restart();
    expect((await askToken(rig, refresh(first.refresh_token))).status).toBe(200);
    expect((await tokensOf(rig, refresh(rotated.refresh_token), ROTATING)).refresh_token).toBe(next.refresh_token);
  });
});

describe('while the database of logins cannot be read', () => {
  it.each(['refreshToken', 'connectors', 'takeCode', 'putRefreshToken'] as const)(
    '(%s), a token request is told to come again, and nothing about its token',
    async (call) => {
      const code = await codeFor(rig);
      const { refresh_token } = await tokensOf(rig, exchange(await codeFor(rig)));
      rig.breakStore(call);
      const isOfCode = call === 'takeCode' || call === 'putRefreshToken';
      const answer = await askToken(rig, isOfCode ? exchange(code) : refresh(refresh_token));
      expect(errorOf(answer)).toEqual([503, 'server_error']);
      expect(answer.headers['retry-after']).toBe('10');
      expect(answer.body).not.toMatch(/disk|error in|flexbridge-oauth|sqlite/i);
      expect(rig.events.at(-1)).toMatchObject({ name: 'requestFailed' });
      rig.breakStore();
      expect((await askToken(rig, refresh(refresh_token))).status).toBe(200);
    },
  );

  it('an unknown client is not called unknown', async () => {
    rig.breakStore('connectors');
    const answer = await askToken(rig, refresh('x'), { ...CLIENT, id: 'perhaps' });
    expect(errorOf(answer)).toEqual([503, 'server_error']);
  });

  it('the consent is a page that says so', async () => {
    const cookies = await signIn(rig);
    rig.breakStore('connectors');
    const answer = await rig.send('/oauth2/authorize?client_id=client-1', { cookies });
    expect(answer.status).toBe(503);
    expect(answer.body).not.toContain('disk');
  });
});

describe('while the database of logins cannot be written', () => {
  it('a refresh works, and the day of its use is noted later', async () => {
    const { refresh_token } = await tokensOf(rig, exchange(await codeFor(rig)));
    rig.breakStore('noteUse');
    expect((await askToken(rig, refresh(refresh_token))).status).toBe(200);
    rig.breakStore();
    expect((await askToken(rig, refresh(refresh_token))).status).toBe(200);
    expect(rig.store.refreshTokens()[0]?.usedMs).toBe(rig.clock.now());
  });

  it('a token that should rotate stays what it is', async () => {
    const form = exchange(await codeFor(rig, { client_id: ROTATING.id }));
    const { refresh_token } = await tokensOf(rig, form, ROTATING);
    rig.breakStore('replaceRefreshToken', 'noteUse');
    expect((await tokensOf(rig, refresh(refresh_token), ROTATING)).refresh_token).toBe(refresh_token);
    rig.breakStore();
    expect((await tokensOf(rig, refresh(refresh_token), ROTATING)).refresh_token).not.toBe(refresh_token);
  });
});
