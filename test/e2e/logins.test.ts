import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readProperties } from '../../src/connector/interpreter/properties-reader.ts';
import { createOAuthClient } from '../../src/connector/oauth-client.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { type BridgeRig, createBridgeRig } from '../support/bridge-rig.ts';
import { findLeaks } from '../support/leak-check.ts';
import { type Ended, startProgram } from '../support/program.ts';

const FEED = '/v1/feeds/default/detections?since=';
const NEVER = new AbortController().signal;

interface Issued {
  readonly secret: string;
  readonly refreshToken: { readonly id: string; readonly token: string } | null;
  readonly clientFile: string | null;
}

let rig: BridgeRig;
const secrets: string[] = [];
beforeAll(async () => {
  rig = await createBridgeRig();
  await rig.startBridge();
});
afterEach(() => {
  const hidden = secrets.map((text, index) => ({ what: `secret ${index}`, text }));
  expect(findLeaks(hidden, [{ where: 'the log', text: rig.log() }])).toEqual([]);
});
afterAll(() => rig.close());

/** A command of its own process, beside the bridge. */
const flexbridge = (...args: readonly string[]): Promise<Ended> =>
  startProgram([...args, '--config', join(rig.folder, 'flexbridge.yaml')]).ended;

async function issue(...args: readonly string[]): Promise<Issued> {
  const { code, out, err } = await flexbridge('connector', ...args, '--json');
  expect([code, err]).toEqual([0, '']);
  const issued = JSON.parse(out) as Issued;
  secrets.push(issued.secret, ...(issued.refreshToken === null ? [] : [issued.refreshToken.token]));
  return issued;
}

const done = async (...args: readonly string[]): Promise<void> => {
  const { code, err } = await flexbridge(...args);
  expect([code, err]).toEqual([0, '']);
};
const poll = async (user: string, password: string) => (await rig.ask(FEED, { user, password })).status;
const pollWith = async (token: string) =>
  (await rig.ask(FEED, { headers: { authorization: `Bearer ${token}` } })).status;

/** The connector's side: what stands in its client file, and the refresh token that was pasted. */
async function oauthClient(file: string, refreshToken: string) {
  const values = readProperties(readFileSync(file)).values;
  const { url } = await rig.seen('started');
  return createOAuthClient({
    tokenUrl: new URL('/oauth2/token', url.replace('127.0.0.1', 'localhost')).href,
    clientId: values.get('client_id') ?? '',
    clientSecret: values.get('client_secret') ?? '',
    refreshToken,
    ca: readFileSync(join(rig.folder, 'data', 'tls', 'ca.pem')),
    clock: systemClock,
  });
}
type Client = Awaited<ReturnType<typeof oauthClient>>;

async function accessToken(client: Client): Promise<string> {
  const found = await client.renewed(NEVER);
  if (found.kind === 'refused') throw new Error(found.message);
  secrets.push(found.accessToken);
  return found.accessToken;
}

describe('logins that are changed while the bridge runs', () => {
  it('lets a connector poll as soon as it is made, and no longer once it is revoked', async () => {
    expect(await poll('arcsight-11', 'not made yet')).toBe(401);
    const { secret } = await issue('create', 'arcsight-11', '--kind', 'basic');
    expect(await poll('arcsight-11', secret)).toBe(200);
    await done('connector', 'revoke', 'arcsight-11', '--yes');
    expect(await poll('arcsight-11', secret)).toBe(401);
  });

  it('lets a connector read the feeds that it was given, and no others', async () => {
    const { secret } = await issue('create', 'arcsight-12', '--kind', 'basic', '--feed', 'private');
    expect(await poll('arcsight-12', secret)).toBe(403);
    expect((await rig.ask('/v1/feeds/private/detections', { user: 'arcsight-12', password: secret })).status).toBe(200);
  });

  it('takes both secrets while a rotation lasts, and then the newer alone', async () => {
    const old = await issue('create', 'arcsight-13', '--accept-basic');
    const next = await issue('rotate', 'arcsight-13');
    expect([await poll('arcsight-13', old.secret), await poll('arcsight-13', next.secret)]).toEqual([200, 200]);
    await done('connector', 'end-rotation', 'arcsight-13');
    expect([await poll('arcsight-13', old.secret), await poll('arcsight-13', next.secret)]).toEqual([401, 200]);
  });

  it('gives an OAuth2 connector all it needs: client file and pasted refresh token', async () => {
    const file = join(rig.folder, 'arcsight-14.properties');
    const made = await issue('create', 'arcsight-14', '--client-file', file);
    expect([made.clientFile, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
    const client = await oauthClient(file, made.refreshToken?.token ?? '');
    const token = await accessToken(client);
    expect(await pollWith(token)).toBe(200);

    await issue('rotate', 'arcsight-14', '--client-file', file);
    await accessToken(client);
    const renewed = await oauthClient(file, made.refreshToken?.token ?? '');
    await accessToken(renewed);
    await done('connector', 'end-rotation', 'arcsight-14');
    await accessToken(renewed);
    expect(await client.renewed(NEVER)).toMatchObject({ kind: 'refused' });
    for (const one of [client, renewed]) one.close();
  });

  it('refuses a refresh token that was revoked, and the access token that was made of it', async () => {
    const file = join(rig.folder, 'arcsight-15.properties');
    const made = await issue('create', 'arcsight-15', '--client-file', file);
    const minted = await flexbridge('token', 'create', '--connector', 'arcsight-15', '--json');
    const { token } = JSON.parse(minted.out) as { token: string };
    secrets.push(token);
    const [kept, lost] = [await oauthClient(file, made.refreshToken?.token ?? ''), await oauthClient(file, token)];
    const tokens = [await accessToken(kept), await accessToken(lost)] as const;
    expect([await pollWith(tokens[0]), await pollWith(tokens[1])]).toEqual([200, 200]);
    await done('token', 'revoke', (JSON.parse(minted.out) as { id: string }).id);
    expect([await pollWith(tokens[0]), await pollWith(tokens[1])]).toEqual([200, 401]);
    expect(await lost.renewed(NEVER)).toMatchObject({ kind: 'refused', isFatal: true, status: 400 });
    for (const one of [kept, lost]) one.close();
  });

  it('writes who did what into the audit trail of the running bridge, and no secret', async () => {
    await issue('create', 'arcsight-16');
    await done('connector', 'revoke', 'arcsight-16', '--yes');
    const { out } = await flexbridge('audit', '--json');
    const entries = JSON.parse(out) as { action: string; details: { connector?: string } }[];
    const actions = entries.filter(({ details }) => details.connector === 'arcsight-16').map(({ action }) => action);
    expect(actions).toEqual(['connector-revoke', 'connector-create']);
    const hidden = secrets.map((text, index) => ({ what: `secret ${index}`, text }));
    expect(findLeaks(hidden, [{ where: 'the audit trail', text: out }])).toEqual([]);
  });

  it('shows secrets on standard output alone, also where it fails', async () => {
    const { code, out, err } = await flexbridge('connector', 'create', 'arcsight-01');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('CONNECTOR_EXISTS');
  });
});
