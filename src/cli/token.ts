import { systemClock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import { account } from './account.ts';
import { auditLogins } from './connector-audit.ts';
import { type ConnectorBook, findConnector, withConnectorBook } from './connector-book.ts';
import { loginUse } from './connector-options.ts';
import type { Console } from './console.ts';
import { mintRefreshToken } from './token-mint.ts';
import { revokeTokens } from './token-revoke.ts';
import { grantRows, grantTable, mintedText } from './token-view.ts';

export type TokenAction = 'create' | 'list' | 'revoke';
export interface TokenOptions {
  readonly config?: string;
  readonly connector?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Refresh tokens, made and revoked beside a `serve` that may be running. */
export async function token(
  action: TokenAction,
  id: string | undefined,
  options: TokenOptions,
  console: Console,
): Promise<number> {
  if (action !== 'revoke' && (id !== undefined || options.all))
    throw loginUse(`token ${action} takes neither an id nor --all`, 'They belong to: token revoke.');
  await withConnectorBook(options.config, (book) => act(book, action, id, options, console));
  return 0;
}

async function act(
  book: ConnectorBook,
  action: TokenAction,
  id: string | undefined,
  options: TokenOptions,
  console: Console,
): Promise<void> {
  switch (action) {
    case 'list':
      listTokens(book, options, console);
      return;
    case 'create':
      await createToken(book, options, console);
      return;
    case 'revoke':
      await revokeTokens(book, id, options, console);
  }
}

function listTokens(book: ConnectorBook, { connector, json }: TokenOptions, { out }: Console): void {
  const rows = grantRows(book).filter((row) => connector === undefined || row.connector === connector);
  if (connector !== undefined && rows.length === 0) findConnector(book, connector);
  out(json ? `${JSON.stringify(rows, null, 2)}\n` : grantTable(rows));
}

async function createToken(book: ConnectorBook, { connector, json }: TokenOptions, console: Console): Promise<void> {
  if (connector === undefined)
    throw loginUse('token create needs a connector', 'Write: flexbridge token create --connector NAME');
  const { auth } = findConnector(book, connector);
  if (auth.kind !== 'oauth2') {
    throw new BridgeError({
      code: 'REFRESH_TOKEN_KIND',
      kind: 'operator',
      message: `the connector ${connector} is of the kind ${auth.kind}, and only oauth2 has refresh tokens`,
      hint: 'flexbridge connector create NAME makes a connector of the kind oauth2.',
    });
  }
  const { clientId } = auth;
  const minted = mintRefreshToken(book.access, { connector, clientId, createdBy: account() }, systemClock.now());
  console.out(
    json ? `${JSON.stringify({ connector, clientId, ...minted }, null, 2)}\n` : mintedText(connector, minted),
  );
  await auditLogins(book.config, 'token-create', { connector, token: minted.id }, console);
}
