import type { ConnectorAuthKind } from '../domain/connector-auth.ts';
import { moment } from '../domain/time-words.ts';
import { columns } from './columns.ts';
import type { BookEntry, ConnectorBook } from './connector-book.ts';
import type { ConnectorOptions } from './connector-options.ts';
import { proofHashes, proofWord } from './connector-proof.ts';
import type { Console } from './console.ts';

/** A connector as `--json` prints it; times are epoch ms. */
interface ConnectorRow {
  readonly name: string;
  readonly origin: BookEntry['origin'];
  readonly kind: ConnectorAuthKind;
  /** Null: every one. */
  readonly feeds: readonly string[] | null;
  /** Two secrets or certificates are valid. */
  readonly rotating: boolean;
  /** Null for kinds without refresh tokens. */
  readonly refreshTokens: number | null;
  /** Null for configured ones. */
  readonly createdMs: number | null;
  /** The configuration has one of that name, which is in use in its place. */
  readonly hidden: boolean;
  readonly clientId?: string;
  readonly redirectUris?: readonly string[];
  /** Not secret. */
  readonly fingerprints?: readonly string[];
}

const TITLES = ['connector', 'kind', 'feeds', 'made by', 'made', 'rotation', 'refresh tokens'];

/** Every connector that may log in. Hashes are not shown either. */
export function listConnectors(book: ConnectorBook, { json }: ConnectorOptions, { out }: Console): void {
  const grants = new Map<string, Set<string>>();
  for (const { connector, grant } of book.access.refreshTokens()) {
    grants.set(connector, (grants.get(connector) ?? new Set()).add(grant));
  }
  const rows = book.entries().map((entry) => rowOf(entry, grants.get(entry.name)?.size ?? 0));
  out(json ? `${JSON.stringify(rows, null, 2)}\n` : connectorTable(rows));
}

function rowOf({ name, origin, auth, feeds, createdMs, isHidden }: BookEntry, tokens: number): ConnectorRow {
  return {
    ...{ name, origin, kind: auth.kind, feeds, createdMs, hidden: isHidden },
    rotating: proofHashes(auth).length > 1,
    refreshTokens: auth.kind === 'oauth2' ? tokens : null,
    ...(auth.kind === 'oauth2' && { clientId: auth.clientId, redirectUris: auth.redirectUris }),
    ...(auth.kind === 'mtls' && { fingerprints: auth.fingerprints }),
  };
}

function connectorTable(rows: readonly ConnectorRow[]): string {
  if (rows.length === 0) return 'There is no connector yet: flexbridge connector create NAME makes one.\n';
  const cells = rows.map((row) => [
    row.name,
    row.kind,
    row.feeds?.join(', ') ?? '(every)',
    fromWord(row),
    row.createdMs === null ? '' : moment(row.createdMs),
    row.rotating ? `two ${proofWord(row.kind)}s` : '',
    row.refreshTokens === null ? '' : String(row.refreshTokens),
  ]);
  return columns([TITLES, ...cells]);
}

function fromWord({ origin, hidden }: ConnectorRow): string {
  if (origin === 'configuration') return 'configuration';
  return hidden ? 'command (not in use: the configuration wins)' : 'command';
}
