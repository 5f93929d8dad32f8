import type { Access, Caller } from '../../src/http/access.ts';
import { type AppDeps, createApp } from '../../src/http/app.ts';
import type { App } from '../../src/http/server.ts';
import { createTryWatch } from '../../src/http/try-watch.ts';
import { steppedClock } from './clock.ts';

function unused(): Promise<never> {
  return Promise.reject(new Error('nothing is behind this route'));
}

function unknown(): never {
  throw new Error('nothing is behind this route');
}

const STORE: AppDeps['accessStore'] = {
  version: unknown,
  connectors: unknown,
  operators: unknown,
  putConnector: unknown,
  removeConnector: unknown,
  addOperator: unknown,
  signingKey: unknown,
  putCode: unknown,
  takeCode: unknown,
  putRefreshToken: unknown,
  refreshToken: unknown,
  refreshTokens: unknown,
  hasGrant: unknown,
  replaceRefreshToken: unknown,
  noteUse: unknown,
  revokeGrant: unknown,
  close: unknown,
};

/** Every request comes from this caller, or from nobody. */
export function stubAccess(caller: Caller | null): Access {
  return {
    identify: () => Promise.resolve(caller),
    penalty: () => null,
    isOperator: unused,
    client: () => null,
    tooMany: () => null,
  };
}

/** The HTTP side with nothing behind it: whatever is not given fails as a defect would. */
export function stubApp(caller: Caller | null, deps: Partial<AppDeps> = {}): Promise<App> {
  return createApp({
    emit: () => undefined,
    tls: null,
    clientCertificates: { caPem: null, wanted: () => false },
    trustProxy: [],
    accessStore: STORE,
    tokens: { issue: unknown, read: () => null, look: () => null },
    audit: () => undefined,
    version: '0.0.0-test',
    access: stubAccess(caller),
    clock: steppedClock(0),
    publicUrl: 'https://bridge.example:8443',
    eventFeed: { read: unused },
    delivery: { poll: unused, outcome: unused, peek: unused },
    feeds: new Map(),
    pack: unused,
    watch: createTryWatch(),
    status: unused,
    store: { measures: unused, findEvents: unused, eventOrigin: unused, quarantine: unused, audit: unused },
    tenantName: (tenantId) => tenantId,
    isServing: () => true,
    metrics: { contentType: 'text/plain', render: unused },
    ...deps,
  });
}
