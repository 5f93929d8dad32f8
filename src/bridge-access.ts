import { type LiveLogins, loadLogins } from './bridge-logins.ts';
import type { Config } from './config/config.ts';
import type { Emit } from './domain/bridge-event.ts';
import type { Clock } from './domain/clock.ts';
import { type Access, createAccess } from './http/access.ts';
import { type AccessTokens, createAccessTokens } from './http/oauth/access-token.ts';
import type { ClientCertificates } from './http/server.ts';
import type { AccessStore } from './store/access-store.ts';

/** Who may log in, and all that checks it. */
export interface BridgeAccess {
  readonly logins: LiveLogins;
  readonly tokens: AccessTokens;
  readonly access: Access;
  readonly clientCertificates: ClientCertificates;
}

/** @param deps `clientCaPem`: of the configured CA of client certificates, if there is one */
export async function bridgeAccess(
  config: Config,
  deps: {
    readonly accessStore: AccessStore;
    readonly clientCaPem: string | null;
    readonly emit: Emit;
    readonly clock: Clock;
  },
): Promise<BridgeAccess> {
  const { accessStore, clientCaPem: caPem, emit, clock } = deps;
  const logins = await loadLogins(config, accessStore, deps);
  const tokens = createAccessTokens({ key: accessStore.signingKey(), clock });
  const access = createAccess({
    logins: () => logins.now(),
    configured: logins.configured,
    tokens,
    hasGrant: (grant) => accessStore.hasGrant(grant),
    allowUrlKeys: config.server.urlKeys,
    clientCa: caPem !== null,
    emit,
    clock,
  });
  const wanted = (): boolean =>
    caPem !== null || logins.lastKnown().connectors.some(({ auth }) => auth.kind === 'mtls');
  return { logins, tokens, access, clientCertificates: { caPem, wanted } };
}
