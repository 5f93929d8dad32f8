import { span } from '../domain/time-words.ts';
import { counted } from '../telemetry/wording.ts';
import { confirm } from './confirm.ts';
import { auditLogins } from './connector-audit.ts';
import { type ConnectorBook, createdConnector, grantsOf } from './connector-book.ts';
import type { ConnectorOptions } from './connector-options.ts';
import type { Console } from './console.ts';

/** Takes a connector's login away for good, its refresh tokens with it. False: somebody said no. */
export async function revokeConnector(
  book: ConnectorBook,
  name: string,
  { yes, json }: ConnectorOptions,
  console: Console,
): Promise<boolean> {
  const { auth } = createdConnector(book, name, 'revoke');
  const { access, config } = book;
  const grants = grantsOf(book, name);
  if (!json && !yes) {
    console.out(
      `The login of ${name} (${auth.kind}) ends for good, ${counted(grants.length, 'refresh token')} with it.\n`,
    );
    if (!(await confirm('Do it?', console))) {
      console.out('Nothing was changed.\n');
      return false;
    }
  }
  access.removeConnector(name);
  const left = book.entries().length;
  console.out(
    json
      ? `${JSON.stringify({ connector: name, kind: auth.kind, refreshTokens: grants, position: 'kept' }, null, 2)}\n`
      : revokedText(name, grants.length, left, config.store.retention.ageMs),
  );
  await auditLogins(config, 'connector-revoke', { connector: name, kind: auth.kind, tokens: grants.length }, console);
  return true;
}

function revokedText(name: string, tokens: number, left: number, ageMs: number): string {
  return [
    `Revoked ${name}, ${counted(tokens, 'refresh token')} with it. A running bridge refuses it within a second.\n`,
    `Its place in the feeds stays: a connector made again as ${name} goes on where this one ended. But nothing is held\n`,
    `for it any more: events that it has not taken go at their age like all others (store.retention.age, ${span(ageMs)}),\n`,
    'no longer at store.retention.undelivered.\n',
    ...(left > 0
      ? []
      : ['No connector is left: the next start of serve makes a first one, as at the very first start.\n']),
  ].join('');
}
