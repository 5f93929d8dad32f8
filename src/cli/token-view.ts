import { printable } from '../domain/printable.ts';
import { moment } from '../domain/time-words.ts';
import type { StoredRefreshToken } from '../store/access-store.ts';
import { columns } from './columns.ts';
import type { ConnectorBook } from './connector-book.ts';
import type { MintedToken } from './token-mint.ts';

/** A refresh token with those that followed it by rotation, as `--json` prints it; times are epoch ms. */
export interface GrantRow {
  readonly id: string;
  readonly connector: string;
  readonly clientId: string;
  readonly createdBy: string;
  readonly createdMs: number;
  /** To the day; null: never. */
  readonly usedMs: number | null;
  /** False: there is no such connector of the kind oauth2 any more, so the token is refused. */
  readonly usable: boolean;
}

const TITLES = ['id', 'connector', 'made', 'by', 'last used', ''];
const LONGEST = 40;

/** Newest first. */
export function grantRows(book: ConnectorBook): readonly GrantRow[] {
  const tokens = book.access.refreshTokens();
  const clients = new Set(
    book
      .entries()
      .flatMap(({ name, auth, isHidden }) =>
        auth.kind === 'oauth2' && !isHidden ? [clientKey(name, auth.clientId)] : [],
      ),
  );
  return [...new Set(tokens.map(({ grant }) => grant))]
    .map((id) => {
      const its = tokens.filter(({ grant }) => grant === id);
      return rowOf(id, its, clients);
    })
    .toSorted((a, b) => b.createdMs - a.createdMs);
}

function rowOf(id: string, tokens: readonly StoredRefreshToken[], clients: ReadonlySet<string>): GrantRow {
  const first = tokens.toSorted((a, b) => a.createdMs - b.createdMs)[0];
  const { connector = '', clientId = '', createdBy = '', createdMs = 0 } = first ?? {};
  const used = tokens.flatMap(({ usedMs }) => (usedMs === null ? [] : [usedMs]));
  return {
    ...{ id, connector, clientId, createdBy, createdMs },
    usedMs: used.length === 0 ? null : Math.max(...used),
    usable: clients.has(clientKey(connector, clientId)),
  };
}

function clientKey(connector: string, clientId: string): string {
  return JSON.stringify([connector, clientId]);
}

export function grantTable(rows: readonly GrantRow[]): string {
  if (rows.length === 0) return 'There is no refresh token: flexbridge token create --connector NAME makes one.\n';
  const cells = rows.map(({ id, connector, createdMs, createdBy, usedMs, usable }) => [
    id,
    connector,
    moment(createdMs),
    printable(createdBy, LONGEST),
    usedMs === null ? 'never' : moment(usedMs).slice(0, 10),
    usable ? '' : 'refused: no such connector any more',
  ]);
  return columns([TITLES, ...cells]);
}

export function mintedText(connector: string, { id, token }: MintedToken): string {
  return [
    `Made a refresh token for ${connector}. A running bridge takes it within a second.\n`,
    '\nShown this once; the bridge keeps its hash only:\n',
    `  refresh token  ${token}\n`,
    '\nPaste it into the field Refresh Token of the wizard. It does not expire while it is used.\n',
    `To take it back: flexbridge token revoke ${id}\n`,
  ].join('');
}
