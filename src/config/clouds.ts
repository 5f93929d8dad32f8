import type { SourceName } from '../domain/detection.ts';

export const CLOUD_NAMES = ['commercial', 'gcc', 'gcc-high', 'dod', 'custom'] as const;
export type CloudName = (typeof CLOUD_NAMES)[number];

/** Where Microsoft keeps a tenant's Defender data (defender-api 3). */
export const REGIONS = ['us', 'eu', 'uk', 'au', 'swa', 'ina', 'aea'] as const;
export type Region = (typeof REGIONS)[number];

/** The two families of hosts under which the SIEM API is documented (defender-api 1.2). */
export const SIEM_FAMILIES = ['windows.com', 'securitycenter.windows.com'] as const;
export type SiemFamily = (typeof SIEM_FAMILIES)[number];

/** Base URLs without trailing slash; Microsoft's paths follow. Null where the cloud has no such API, or none is known. */
export interface Endpoints {
  readonly login: string;
  readonly graph: string | null;
  /** Defender for Endpoint. */
  readonly defender: string | null;
  /** The old SIEM exporter. */
  readonly siem: string | null;
}

/** Scopes of the access tokens, by API. */
export interface Scopes {
  readonly graph: string;
  readonly defender: string;
  readonly siem: string;
}

export type ApiKey = keyof Scopes;

/** The key of `endpoints` and `scopes` for each API. */
export const API_KEYS: Readonly<Record<SourceName, ApiKey>> = {
  'graph-alerts': 'graph',
  'defender-alerts': 'defender',
  'siem-detections': 'siem',
};

const LOGIN = 'https://login.microsoftonline.com';
const LOGIN_GOV = 'https://login.microsoftonline.us';
const GRAPH = 'https://graph.microsoft.com';
const DEFENDER = 'https://api.securitycenter.microsoft.com';
const DEFENDER_GOV = 'https://api-gov.securitycenter.microsoft.us';
const SIEM_GOV = 'https://wdatp-alertexporter-us.securitycenter.windows.us';

/**
 * Microsoft's own hosts (defender-api 1.2, 3, 4). GCC (moderate) has the commercial login and Graph. The commercial SIEM
 * host depends on the region; `custom` has no host of its own.
 */
export const CLOUDS: Readonly<Record<CloudName, { readonly [key in keyof Endpoints]: string | null }>> = {
  commercial: { login: LOGIN, graph: GRAPH, defender: DEFENDER, siem: null },
  gcc: {
    login: LOGIN,
    graph: GRAPH,
    defender: 'https://api-gcc.securitycenter.microsoft.us',
    siem: 'https://wdatp-alertexporter-us.gcc.securitycenter.windows.us',
  },
  'gcc-high': { login: LOGIN_GOV, graph: 'https://graph.microsoft.us', defender: DEFENDER_GOV, siem: SIEM_GOV },
  dod: { login: LOGIN_GOV, graph: 'https://dod-graph.microsoft.us', defender: DEFENDER_GOV, siem: SIEM_GOV },
  custom: { login: null, graph: null, defender: null, siem: null },
};

/** Regions that have a SIEM host (defender-api 1.2). */
export const SIEM_REGIONS: readonly Region[] = ['us', 'eu', 'uk'];

/** The commercial hosts nearest to a tenant's data. */
export function regionalHosts(region: Region, family: SiemFamily): Pick<Endpoints, 'defender' | 'siem'> {
  return {
    defender: `https://${region}.api.security.microsoft.com`,
    siem: SIEM_REGIONS.includes(region) ? `https://wdatp-alertexporter-${region}.${family}` : null,
  };
}

/**
 * What tokens are asked for unless the configuration says otherwise. Graph wants its own origin (defender-api 4). The
 * scope of Defender for Endpoint follows the service, not the geo host, and is the government service's own in its
 * clouds (defender-api 3, inferred). The SIEM API takes tokens of the old directory graph (defender-api 1.6).
 */
export function defaultScopes(cloud: CloudName, graph: string | null): Scopes {
  return {
    graph: `${new URL(graph ?? GRAPH).origin}/.default`,
    defender: `${CLOUDS[cloud].defender ?? DEFENDER}/.default`,
    siem: 'https://graph.windows.net/.default',
  };
}

/** Graph hosts of clouds that have no alerts_v2 (defender-api 4). */
export const GRAPH_WITHOUT_ALERTS: readonly string[] = ['microsoftgraph.chinacloudapi.cn'];
