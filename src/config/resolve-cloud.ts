import type { SourceName } from '../domain/detection.ts';
import {
  API_KEYS,
  CLOUD_NAMES,
  CLOUDS,
  type CloudName,
  defaultScopes,
  type Endpoints,
  REGIONS,
  type Region,
  regionalHosts,
  type Scopes,
  SIEM_FAMILIES,
  SIEM_REGIONS,
} from './clouds.ts';
import type { ConfigPath } from './config-path.ts';
import type { Report } from './report.ts';
import { baseUrl, type ResolveContext } from './resolve-server.ts';
import type { SchemaNode } from './schema-node.ts';
import { EndpointsSchema, ScopesSchema } from './tenant-schema.ts';

export interface ResolvedCloud {
  readonly cloud: CloudName;
  readonly endpoints: Endpoints;
  readonly scopes: Scopes;
}

interface Place {
  readonly cloud: CloudName;
  readonly region: Region | null;
}

/**
 * The hosts and scopes of a tenant: the cloud's own, the region's, and what replaces them.
 * @param apis those that are polled: each needs a host
 */
export function resolveCloud(
  { report, check }: ResolveContext,
  at: ConfigPath,
  tenant: SchemaNode,
  apis: readonly SourceName[],
): ResolvedCloud | null {
  const { endpoints: given, scopes, region: wantedRegion, siemHosts } = tenant;
  if (!check.fits(EndpointsSchema, [...at, 'endpoints'], given)) return null;
  if (!check.fits(ScopesSchema, [...at, 'scopes'], scopes)) return null;
  const wanted = tenant['cloud'] ?? (Object.keys(given).length > 0 ? 'custom' : 'commercial');
  const cloud = CLOUD_NAMES.find((name) => name === wanted);
  const region = REGIONS.find((name) => name === wantedRegion) ?? null;
  const family = SIEM_FAMILIES.find((name) => name === (siemHosts ?? 'windows.com'));
  // A word that is none of these is a problem of its own.
  if (cloud === undefined || family === undefined || (wantedRegion !== undefined && region === null)) return null;
  if (cloud !== 'commercial') reportCommercialOnly(report, at, tenant, cloud);
  const regional = cloud === 'commercial' && region !== null ? regionalHosts(region, family) : {};
  const hosts = { ...CLOUDS[cloud], ...regional, ...replacements(report, at, given) };
  const needed = ['login' as const, ...new Set(apis.map((api) => API_KEYS[api]))];
  const missing = needed.filter((key) => hosts[key] === null);
  for (const key of missing) reportMissing(report, at, key, { cloud, region });
  const { login } = hosts;
  if (login === null || missing.length > 0) return null;
  return {
    cloud,
    endpoints: { ...hosts, login },
    scopes: { ...defaultScopes(cloud, hosts.graph), ...scopes },
  };
}

type Hosts = { readonly [key in keyof Endpoints]?: string };

function replacements(report: Report, at: ConfigPath, given: Hosts): Hosts {
  const found = Object.fromEntries(Object.entries(given).map(([key, url]) => [key, baseUrl(url)]));
  const siem = found['siem'];
  // Every guide to the old API prints its whole URL (defender-api 1.2).
  const bare = siem?.replace(/\/api\/alerts$/i, '');
  if (bare === undefined || bare === siem) return found;
  const message = 'ends in /api/alerts, which is put after the base URL anyway; it was taken off';
  report.warning([...at, 'endpoints', 'siem'], message, `Write ${bare}`);
  return { ...found, siem: bare };
}

function reportCommercialOnly(report: Report, at: ConfigPath, tenant: SchemaNode, cloud: CloudName): void {
  for (const key of ['region', 'siemHosts']) {
    if (tenant[key] === undefined) continue;
    const message = `cloud ${cloud} has no such choice: only the commercial cloud has regional hosts`;
    report.problem([...at, key], message, 'Remove it; endpoints names other hosts.');
  }
}

function reportMissing(report: Report, at: ConfigPath, key: keyof Endpoints, { cloud, region }: Place): void {
  if (cloud === 'commercial' && region === null)
    report.problem(
      [...at, 'region'],
      'is missing: siem-detections has a host in each region, and none for all',
      `Add the region where the tenant's data is kept, ${SIEM_REGIONS.join(', ')}, or endpoints.siem.`,
    );
  else if (cloud === 'commercial')
    report.problem(
      [...at, 'region'],
      `${region} has no host for siem-detections, only ${SIEM_REGIONS.join(', ')} have one`,
      'Poll graph-alerts or defender-alerts instead, or add endpoints.siem.',
    );
  else
    report.problem(
      [...at, 'endpoints', key],
      `is missing; cloud custom needs login and the host of each API that is polled`,
      'Add the https base URL, or name one of the clouds commercial, gcc, gcc-high, dod.',
    );
}
