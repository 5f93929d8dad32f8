import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { createGraphClient } from './client.ts';
import { createDispatcher } from './dispatcher.ts';
import { createFetcher } from './fetcher.ts';
import { createGraphAlerts } from './graph-alerts.ts';
import type { Source } from './source.ts';
import { createTokenSource } from './token-source.ts';

/** How a tenant is reached. URLs are base URLs without a trailing slash; the paths below them are Microsoft's. */
export interface TenantAccess {
  readonly tenantName: string;
  readonly tenantId: string;
  readonly loginUrl: string;
  readonly graphUrl: string;
  readonly clientId: string;
  readonly secret: () => string;
  /** PEM of CAs to trust besides the public ones that Node brings. */
  readonly caPem: string | null;
}

/** The APIs of one tenant, on connections of their own. */
export interface TenantSources {
  /** Throws when the registry has no such API: a configuration that passed names only those it has. */
  source(name: Source['name']): Source;
  close(): Promise<void>;
}

/** Opens a tenant: one set of connections, one token per API, every API of the registry. */
export function openTenant(
  access: TenantAccess,
  { clock, emit }: { readonly clock: Clock; readonly emit: Emit },
): TenantSources {
  const dispatcher = createDispatcher(access.caPem === null ? {} : { extraCa: access.caPem });
  const fetcher = createFetcher({ dispatcher });
  const graphTokens = createTokenSource({
    ...access,
    scope: `${new URL(access.graphUrl).origin}/.default`,
    fetcher,
    clock,
    emit,
  });
  const graph = createGraphClient({ baseUrl: access.graphUrl, tokens: graphTokens, fetcher, clock });
  const all: readonly Source[] = [createGraphAlerts({ client: graph })];
  return {
    source(name) {
      const source = all.find((candidate) => candidate.name === name);
      if (source === undefined) throw new Error(`no source is registered for ${name}`);
      return source;
    },
    close: () => dispatcher.close(),
  };
}
