import type { BasicAuth, ConnectorAuth } from '../domain/connector-auth.ts';
import { DEFAULT_REDIRECT_URIS } from '../domain/connector-auth.ts';
import { redirectUriFault } from '../domain/redirect-uri.ts';
import type { ConnectorConfig } from './config.ts';
import type { ConfigPath } from './config-path.ts';
import type { ConnectorSettings } from './connector-schema.ts';
import type { Report } from './report.ts';
import { type SchemaNode, toNode } from './schema-node.ts';

type AuthSettings = ConnectorSettings['auth'];

/** @param server the settings of the server, whether they are right or not: a login may need one of them */
export function resolveConnector(
  report: Report,
  at: ConfigPath,
  { name, feeds, auth }: ConnectorSettings,
  server: unknown,
): ConnectorConfig {
  return {
    name,
    feeds: [...new Set(feeds)],
    auth: resolveAuth(report, [...at, 'auth'], { name, auth, server: toNode(server) }),
  };
}

function resolveAuth(
  report: Report,
  at: ConfigPath,
  { name, auth, server }: { readonly name: string; readonly auth: AuthSettings; readonly server: SchemaNode },
): ConnectorAuth {
  switch (auth.kind) {
    case 'basic':
      return { kind: 'basic', secretHashes: secretHashes(auth) };
    case 'oauth2':
      return {
        kind: 'oauth2',
        clientId: auth.clientId ?? name,
        secretHashes: secretHashes(auth),
        redirectUris: redirectUris(report, [...at, 'redirectUris'], auth.redirectUris ?? DEFAULT_REDIRECT_URIS),
        acceptsBasic: auth.acceptBasic ?? false,
        rotatesRefreshTokens: auth.rotateRefreshTokens ?? false,
      };
    case 'urlKey':
      if (server['urlKeys'] !== true)
        report.problem(
          [...at, 'kind'],
          'is urlKey, and server.urlKeys is off',
          'Write server.urlKeys: true, or choose another kind: whoever sees the URL sees the key.',
        );
      return { kind: 'urlKey', keyHashes: hashes(auth.keyHash, auth.previousKeyHash) };
    case 'mtls':
      if (server['tls'] === 'off')
        report.problem(
          [...at, 'kind'],
          'is mtls, and the server has no TLS that could ask for a certificate',
          'Remove tls: off, or choose another kind. Behind a proxy that ends TLS the bridge sees no client certificate.',
        );
      return { kind: 'mtls', fingerprints: hashes(auth.fingerprint, auth.previousFingerprint) };
  }
}

function secretHashes({ secretHash, previousSecretHash }: AuthSettings): BasicAuth['secretHashes'] {
  return hashes(secretHash, previousSecretHash);
}

function hashes(...given: readonly (string | undefined)[]): readonly string[] {
  const texts = given.filter((text) => text !== undefined);
  return [...new Set(texts.map((text) => text.replaceAll(':', '').toLowerCase()))];
}

function redirectUris(report: Report, at: ConfigPath, uris: readonly string[]): readonly string[] {
  for (const [index, uri] of uris.entries()) {
    const fault = redirectUriFault(uri);
    if (fault !== null)
      report.problem(
        [...at, index],
        fault,
        'Write one such as http://localhost:44300/flexbridge, as the client file has it.',
      );
  }
  return [...new Set(uris)];
}
