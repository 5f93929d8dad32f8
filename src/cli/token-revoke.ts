import { BridgeError } from '../domain/errors.ts';
import { counted } from '../telemetry/wording.ts';
import { auditLogins } from './connector-audit.ts';
import { type ConnectorBook, findConnector } from './connector-book.ts';
import { loginUse } from './connector-options.ts';
import type { Console } from './console.ts';
import { type GrantRow, grantRows } from './token-view.ts';

interface Choice {
  readonly connector?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** One refresh token by its id, or every one of a connector; what was made of it ends with it. */
export async function revokeTokens(
  book: ConnectorBook,
  id: string | undefined,
  choice: Choice,
  console: Console,
): Promise<void> {
  const chosen = chooseGrants(book, id, choice);
  for (const grant of chosen) book.access.revokeGrant(grant.id);
  const ids = chosen.map((grant) => grant.id);
  console.out(choice.json ? `${JSON.stringify({ revoked: ids }, null, 2)}\n` : revokedText(chosen));
  for (const grant of chosen) {
    await auditLogins(book.config, 'token-revoke', { connector: grant.connector, token: grant.id }, console);
  }
}

function chooseGrants(book: ConnectorBook, id: string | undefined, { connector, all }: Choice): readonly GrantRow[] {
  const rows = grantRows(book).filter((row) => connector === undefined || row.connector === connector);
  if (id !== undefined && all) throw unclear('there are both an id and --all');
  if (all) {
    if (connector === undefined) throw unclear('--all needs the connector');
    if (rows.length === 0) findConnector(book, connector);
    return rows;
  }
  if (id === undefined) throw unclear('it is not said which');
  const found = rows.filter((row) => row.id === id.trim().toLowerCase());
  if (found.length > 0) return found;
  throw new BridgeError({
    code: 'REFRESH_TOKEN_UNKNOWN',
    kind: 'operator',
    message:
      connector === undefined
        ? 'there is no refresh token of this id'
        : `the connector ${connector} has no refresh token of this id`,
    hint: 'flexbridge token list shows them, the id in the first column. The token itself is not its id.',
  });
}

function revokedText(chosen: readonly GrantRow[]): string {
  if (chosen.length === 0) return 'There was none to revoke.\n';
  const names = chosen.map(({ id, connector }) => `${id} (${connector})`).join(', ');
  return `Revoked ${counted(chosen.length, 'refresh token')}: ${names}. A running bridge refuses what was made of it within a second.\n`;
}

function unclear(what: string): BridgeError {
  return loginUse(`token revoke: ${what}`, 'Write: flexbridge token revoke ID, or token revoke --connector NAME --all');
}
