import { scryptSync } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEntry } from '../../src/domain/audit.ts';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';
import type { OAuth2Auth } from '../../src/domain/connector-auth.ts';
import { hashSecret } from '../../src/domain/credential.ts';
import { createAccess, type Logins } from '../../src/http/access.ts';
import type { AppDeps } from '../../src/http/app.ts';
import { createAccessTokens } from '../../src/http/oauth/access-token.ts';
import type { App, ServerCertificate } from '../../src/http/server.ts';
import type { AccessStore } from '../../src/store/access-store.ts';
import { openAccessStore } from '../../src/store/sqlite-access-store.ts';
import { createAnswerCheck } from './answer-check.ts';
import { type SteppedClock, steppedClock } from './clock.ts';
import type { Answer } from './https.ts';
import { stubApp } from './stub-app.ts';

export const PASSWORD = 'operator password value';
export const CLIENT = { id: 'client-1', secret: 'client-secret-value-1', connector: 'arcsight-01' };
export const ROTATING = { id: 'client-2', secret: 'client-secret-value-2', connector: 'arcsight-02' };
export const REDIRECT = 'http://localhost:44300/flexbridge';
export const REDIRECT_URIS = ['localhost', '127.0.0.1', '[::1]'].flatMap((host) =>
  ['http', 'https'].map((scheme) => `${scheme}://${host}:44300/flexbridge`),
);

/** A hash of PASSWORD that takes a millisecond to check. */
const CHEAP = `$scrypt$ln=9,r=8,p=1$c2FsdA$${scryptSync(PASSWORD, 'salt', 32, { N: 512, r: 8, p: 1 }).toString('base64').replace('=', '')}`;

export interface Sent {
  readonly method?: 'GET' | 'POST' | 'HEAD';
  readonly form?: Readonly<Record<string, string>> | string;
  readonly cookies?: Cookies;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The sign-in, the OAuth2 server and a real database of logins, with nothing of the feeds behind them. */
export interface OAuthRig {
  readonly clock: SteppedClock;
  readonly audit: readonly Omit<AuditEntry, 'atMs'>[];
  readonly events: readonly BridgeEvent[];
  /** The real one. The app sees it with what `breakStore` makes fail. */
  readonly store: AccessStore;
  app(): App;
  /** Answers are held to the OpenAPI document. */
  send(path: string, sent?: Sent): Promise<Answer>;
  readonly answered: ReadonlySet<string>;
  /** From now on these calls of the app throw as an unreadable file would; none: all work again. */
  breakStore(...calls: readonly (keyof AccessStore)[]): void;
  /** Everybody who may log in, from now on. */
  setLogins(change: (logins: Logins) => Logins): void;
  /** A new process on the same database. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** @param behind what is there besides, for pages that need more than a sign-in */
export async function createOAuthRig(
  tls: ServerCertificate | null = null,
  behind: Partial<AppDeps> = {},
): Promise<OAuthRig> {
  // Where there is one, a file system in memory: a year of rotated tokens is many thousand commits.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'flexbridge-oauth-'));
  const clock = steppedClock('2026-03-01T00:00:00Z');
  const check = createAnswerCheck();
  const audit: Omit<AuditEntry, 'atMs'>[] = [];
  const events: BridgeEvent[] = [];
  const emit = (event: BridgeEvent): void => {
    events.push(event);
  };
  let logins: Logins = someLogins();
  let broken: ReadonlySet<keyof AccessStore> = new Set();
  let store = openAccessStore(folder);

  const start = (): Promise<App> => {
    const fragile = new Proxy(store, {
      get(target, name: keyof AccessStore) {
        const whole: unknown = Reflect.get(target, name);
        if (!broken.has(name)) return whole;
        return () => {
          throw new Error(`disk I/O error in ${folder}`);
        };
      },
    });
    const tokens = createAccessTokens({ key: store.signingKey(), clock });
    const access = createAccess({
      logins: () => {
        fragile.connectors();
        return logins;
      },
      tokens,
      hasGrant: (grant) => fragile.hasGrant(grant),
      allowUrlKeys: false,
      emit,
      clock,
    });
    return stubApp(null, {
      ...behind,
      tls,
      access,
      accessStore: fragile,
      tokens,
      clock,
      emit,
      audit: (entry) => {
        audit.push(entry);
      },
    });
  };
  let app = await start();

  return {
    clock,
    audit,
    events,
    get store() {
      return store;
    },
    app: () => app,
    async send(path, { method = 'GET', form, cookies, headers = {} } = {}) {
      const payload = typeof form === 'object' ? new URLSearchParams(form).toString() : form;
      const answer = await app.inject({
        method,
        url: path,
        headers: {
          ...(payload !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
          ...(cookies && { cookie: cookies.header() }),
          ...headers,
        },
        ...(payload !== undefined && { payload }),
      });
      cookies?.take(answer.headers['set-cookie']);
      const { statusCode: status, body } = answer;
      const seen = { status, headers: answer.headers as Answer['headers'], body };
      check.check(path, { method }, seen);
      return seen;
    },
    answered: check.seen,
    breakStore(...calls) {
      broken = new Set(calls);
    },
    setLogins(change) {
      logins = change(logins);
    },
    async restart() {
      await app.close();
      store.close();
      store = openAccessStore(folder);
      app = await start();
    },
    async close() {
      await app.close();
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function someLogins(): Logins {
  const oauth2 = ({ id, secret }: typeof CLIENT, rotatesRefreshTokens: boolean): OAuth2Auth => ({
    kind: 'oauth2',
    clientId: id,
    secretHashes: [hashSecret(secret)],
    redirectUris: REDIRECT_URIS,
    acceptsBasic: false,
    rotatesRefreshTokens,
  });
  return {
    connectors: [
      { name: CLIENT.connector, feeds: new Set(['default', 'hunting']), auth: oauth2(CLIENT, false) },
      { name: ROTATING.connector, feeds: new Set(['default']), auth: oauth2(ROTATING, true) },
    ],
    operators: [
      { name: 'ops', passwordHash: CHEAP },
      { name: 'night', passwordHash: CHEAP },
    ],
  };
}

/** What a browser keeps for one server. */
export interface Cookies {
  header(): string;
  take(set: string | readonly string[] | undefined): void;
  get(name: string): string | undefined;
}

export function createCookies(): Cookies {
  const kept = new Map<string, string>();
  return {
    header: () => [...kept].map(([name, value]) => `${name}=${value}`).join('; '),
    take(set) {
      for (const line of [set ?? []].flat()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/max-age=0/i.test(line)) kept.delete(name);
        else kept.set(name, value);
      }
    },
    get: (name) => kept.get(name),
  };
}

/** The value of a hidden field of a page. */
export function hiddenField(page: string, name: string): string {
  const value = new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1];
  if (value === undefined) throw new Error(`the page has no field ${name}`);
  return value.replaceAll('&amp;', '&');
}

export function authorizePath(parameters: Readonly<Record<string, string>> = {}): string {
  const asked = { response_type: 'code', client_id: CLIENT.id, redirect_uri: REDIRECT, state: 's-1', ...parameters };
  return `/oauth2/authorize?${new URLSearchParams(asked).toString()}`;
}

/** The cookies of a browser in which that operator has signed in. */
export async function signIn(rig: Pick<OAuthRig, 'send'>, name = 'ops'): Promise<Cookies> {
  const cookies = createCookies();
  const csrf = hiddenField((await rig.send('/signin', { cookies })).body, 'csrf');
  await rig.send('/signin', { method: 'POST', cookies, form: { csrf, name, password: PASSWORD } });
  return cookies;
}

/** Opens the consent and answers it; the answer of the bridge. */
export async function consent(
  rig: OAuthRig,
  {
    cookies,
    path = authorizePath(),
    decision = 'allow',
  }: { readonly cookies: Cookies; readonly path?: string; readonly decision?: 'allow' | 'deny' },
): Promise<Answer> {
  const { body } = await rig.send(path, { cookies });
  const form = Object.fromEntries(new URL(path, 'https://bridge.example').searchParams);
  return rig.send('/oauth2/authorize', {
    method: 'POST',
    cookies,
    form: { ...form, csrf: hiddenField(body, 'csrf'), decision },
  });
}

/** A code for the client, by an operator who signs in for it. */
export async function codeFor(rig: OAuthRig, parameters: Readonly<Record<string, string>> = {}): Promise<string> {
  const answer = await consent(rig, { cookies: await signIn(rig), path: authorizePath(parameters) });
  const code = new URL(String(answer.headers['location'])).searchParams.get('code');
  if (code === null) throw new Error(`no code in ${String(answer.headers['location'])}`);
  return code;
}

/** A token request with the secret in the form. */
export function askToken(
  rig: OAuthRig,
  form: Readonly<Record<string, string>>,
  client: typeof CLIENT = CLIENT,
): Promise<Answer> {
  return rig.send('/oauth2/token', {
    method: 'POST',
    form: { client_id: client.id, client_secret: client.secret, ...form },
  });
}

export interface Tokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly refresh_token: string;
}

/** Exchanges a code, or refreshes: the tokens of an answer that must be 200. */
export async function tokensOf(
  rig: OAuthRig,
  form: Readonly<Record<string, string>>,
  client: typeof CLIENT = CLIENT,
): Promise<Tokens> {
  const { status, body } = await askToken(rig, form, client);
  if (status !== 200) throw new Error(`${status}: ${body}`);
  return JSON.parse(body) as Tokens;
}

export function exchange(code: string, redirectUri = REDIRECT): Readonly<Record<string, string>> {
  return { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
}

export function refresh(token: string): Readonly<Record<string, string>> {
  return { grant_type: 'refresh_token', refresh_token: token };
}
