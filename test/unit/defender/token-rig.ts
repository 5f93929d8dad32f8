import type { Reader } from '../../../src/defender/credential.ts';
import type { Fetcher } from '../../../src/defender/fetcher.ts';
import type { HostGate } from '../../../src/defender/host-gate.ts';
import { createTokenSource, type TokenSourceDeps } from '../../../src/defender/token-source.ts';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { BridgeError } from '../../../src/domain/errors.ts';
import { type SteppedClock, steppedClock } from '../../support/clock.ts';
import type { CannedAnswer } from './loopback.ts';

export const TENANT = '00000000-0000-4000-8000-0000000000AB';
export const SECRET = 'p~w/+= secret';
export const HOUR_MS = 3_600_000;
export const CLIENT = '00000000-0000-4000-8000-0000000000C1';

/** Lets everything pass and keeps what it was shown. */
export function openGate(): HostGate & { readonly seen: readonly Parameters<HostGate['observe']>[0][] } {
  const seen: Parameters<HostGate['observe']>[0][] = [];
  return {
    seen,
    pass: (signal) => {
      signal.throwIfAborted();
      return Promise.resolve();
    },
    observe: (answer) => void seen.push(answer),
  };
}

export function given<Value>(value: Value): Reader<Value> {
  return () => Promise.resolve(value);
}

/** A file that is not there. */
export function unreadable(): Reader<never> {
  return () =>
    Promise.reject(
      new BridgeError({ code: 'SECRET_FILE', kind: 'operator', message: 'cannot read /run/a', hint: 'Check it.' }),
    );
}

export function aToken(token: string, expiresIn: number | string = 3600): CannedAnswer & { readonly body: string } {
  return { status: 200, body: JSON.stringify({ token_type: 'Bearer', expires_in: expiresIn, access_token: token }) };
}

export function aRefusal(number: number, description: string, status = 400): CannedAnswer {
  const body = { error: 'invalid_client', error_description: `AADSTS${number}: ${description}`, error_codes: [number] };
  return { status, body: JSON.stringify(body) };
}

/** In the form of an access token; its signature is nonsense. */
export function aJwt(claims: object): string {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJl`;
}

export interface TokenRig {
  readonly tokens: ReturnType<typeof createTokenSource>;
  readonly clock: SteppedClock;
  readonly events: readonly BridgeEvent[];
}

export function tokenRig(
  fetcher: Fetcher,
  loginUrl: string,
  overrides: Partial<TokenSourceDeps> = {},
  startsAt: string | number = '2026-03-01T12:00:00Z',
): TokenRig {
  const clock = steppedClock(startsAt);
  const events: BridgeEvent[] = [];
  const tokens = createTokenSource({
    tenantName: 'contoso',
    tenantId: TENANT,
    loginUrl,
    api: 'graph-alerts',
    credential: { kind: 'secret', clientId: 'client-1', secrets: [given(SECRET)] },
    scope: 'https://graph.example/.default',
    permissions: ['SecurityAlert.Read.All'],
    fetcher,
    gate: openGate(),
    clock,
    emit: (event) => events.push(event),
    ...overrides,
  });
  return { tokens, clock, events };
}

/** All that an error or an event shows to anybody, nested causes included. */
export function shownBy(thing: unknown): string {
  if (!(thing instanceof Error)) return JSON.stringify(thing);
  const hint = thing instanceof BridgeError ? thing.hint : '';
  return [thing.message, hint, thing.stack ?? '', JSON.stringify(thing), shownBy(thing.cause ?? null)].join('\n');
}
