import type { Caller } from '../../src/http/access.ts';
import { type AppDeps, createApp } from '../../src/http/app.ts';
import type { App } from '../../src/http/server.ts';
import { createTryWatch } from '../../src/http/try-watch.ts';
import { steppedClock } from './clock.ts';

function unused(): Promise<never> {
  return Promise.reject(new Error('nothing is behind this route'));
}

/** The HTTP side with nothing behind it: whatever is not given fails as a defect would. */
export function stubApp(caller: Caller | null, deps: Partial<AppDeps> = {}): Promise<App> {
  return createApp({
    emit: () => undefined,
    tls: null,
    version: '0.0.0-test',
    access: { identify: () => Promise.resolve(caller), penalty: () => null },
    clock: steppedClock(0),
    publicUrl: 'https://bridge.example:8443',
    eventFeed: { read: unused },
    delivery: { poll: unused, outcome: unused, peek: unused },
    feeds: new Map(),
    watch: createTryWatch(),
    status: unused,
    isServing: () => true,
    metrics: { contentType: 'text/plain', render: unused },
    ...deps,
  });
}
