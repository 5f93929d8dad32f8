import { type Expectation, first, NOTHING } from './expectation.ts';
import { CONNECTOR_SET_UPS } from './set-ups/connector.ts';
import { MICROSOFT_SET_UPS } from './set-ups/microsoft.ts';
import { NETWORK_SET_UPS } from './set-ups/network.ts';
import { SERVER_SET_UPS } from './set-ups/server.ts';
import { STORE_SET_UPS } from './set-ups/store.ts';

/** Every set-up by name. */
export const SET_UPS = {
  ...MICROSOFT_SET_UPS,
  ...NETWORK_SET_UPS,
  ...STORE_SET_UPS,
  ...SERVER_SET_UPS,
  ...CONNECTOR_SET_UPS,
} as const;

export type SetUpName = keyof typeof SET_UPS;

/** In the order of the table. */
export const SET_UP_NAMES: readonly SetUpName[] = Object.keys(SET_UPS).filter((name) => isName(name));

function isName(name: string): name is SetUpName {
  return name in SET_UPS;
}

/** What `doctor` says first of each. A set-up without a row does not compile. */
export const EXPECTATIONS: Readonly<Record<SetUpName, Expectation>> = {
  'wrong-secret': first('token', /the client secret is wrong/i, /Value/),
  'expired-secret': first('token', /client secret has expired/i, /new client secret/i),
  'secret-id': first('token', /^The client secret that is configured looks like a Secret ID/, /Value/),
  'unknown-tenant': first('token', /no such tenant/i, /tenantId/),
  'missing-role': first(
    'token.claims',
    /lacks the application permission SecurityAlert\.Read\.All.*it carries (?!none)/,
    /add SecurityAlert\.Read\.All.*Grant admin consent/i,
  ),
  'missing-consent': first(
    'token.claims',
    /carries none at all.*admin consent was not given/,
    /press Grant admin consent/,
  ),
  'wrong-cloud': first('cloud', /another cloud|US Government|gcc-high/i, /gcc-high|dod/i),
  'another-region': first('api', /403/, /region/i),
  'clock-off': first('clock', /(?:10|9) min .*behind Microsoft/, /NTP/),
  'proxy-down': first('proxy', /refused/i, /proxy/i),
  'proxy-login': first('proxy', /407|login/i, /user.*password/is),
  'tls-inspection': first('tls', /Example Corp TLS Inspection CA/, /caFile/),
  'dns-failure': first('dns', /login\.flexbridge\.invalid/, /DNS/),
  'disk-full': first('store.writable', /full|space/i, /free space/i),
  'database-locked': first('store.writable', /another program|lock|busy/i, /program|backup|copy/i),
  'database-damaged': first('store', /damaged|malformed/i, /restore|salvage/i),
  'folder-unwritable': first('store.writable', /written|writable|permission/i, /account|mode|owner/i),
  'port-taken': first('server.port', /in use|taken|another program/i, /server\.port|stop/i),
  'other-name': first('certificate', /old-bridge\.example|does not (?:cover|name)|another name/i, /publicUrl|name/i),
  'expired-certificate': first('certificate', /expired/i, /certFile/),
  'never-polls': first('connector.poll', /never asked/i, /INSTALL\.md/),
  'wrong-password': first('connector.login', /password|login/i, /password|secret|rotate/i),
  'frozen-time': first('connector.time', /same|never moves|frozen/i, /\$START_AT_TIME/),
  'stale-pack': first('pack', /differ|older|stale|changed/i, /generate/i),
  'shared-login': first('connector.parties', /two parties/i, /login of its own/i),
  healthy: NOTHING,
};
