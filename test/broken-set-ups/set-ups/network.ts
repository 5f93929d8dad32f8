import { freePort } from '../../bench/first-answer.ts';
import { startProxy } from '../../unit/defender/proxy/proxy-rig.ts';
import { startInspectingProxy } from '../proxies.ts';
import { type SetUp, startAll } from '../set-up.ts';
import type { Stage } from '../stage.ts';

const LOGIN_WANTED = '407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="the proxy"';

const TEN_MINUTES_MS = 600_000;

/** What is wrong between this machine and Microsoft. */
export const NETWORK_SET_UPS = {
  'proxy-down': {
    title: 'proxy down',
    make: async (stage) => behind(stage, `http://127.0.0.1:${await freePort()}`),
  },
  'proxy-login': {
    title: 'proxy wants a login',
    async make(stage) {
      const proxy = await startProxy(() => LOGIN_WANTED);
      stage.onClear(() => proxy.close());
      return behind(stage, proxy.url);
    },
  },
  'tls-inspection': {
    title: 'TLS inspection',
    async make(stage) {
      const proxy = await startInspectingProxy();
      stage.onClear(() => proxy.close());
      return behind(stage, proxy.url);
    },
  },
  'dns-failure': {
    title: 'DNS failure',
    make: (stage) =>
      startAll(stage, {
        written: {
          endpoints: { login: 'https://login.flexbridge.invalid', graph: 'https://graph.flexbridge.invalid' },
        },
      }),
  },
  'clock-off': {
    title: 'clock off by ten minutes',
    make: (stage) => startAll(stage, { aheadMs: TEN_MINUTES_MS }),
  },
} as const satisfies Readonly<Record<string, SetUp>>;

function behind(stage: Stage, proxyUrl: string): Promise<undefined> {
  return startAll(stage, { written: { tenant: [`proxy: { url: "${proxyUrl}" }`] } });
}
