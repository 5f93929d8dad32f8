import { type ConnectorBook, withConnectorBook } from './connector-book.ts';
import { createConnector } from './connector-create.ts';
import { listConnectors } from './connector-list.ts';
import { type ConnectorAction, type ConnectorOptions, checkAction, loginUse } from './connector-options.ts';
import { revokeConnector } from './connector-revoke.ts';
import { endRotation, rotateConnector } from './connector-rotate.ts';
import type { Console } from './console.ts';

/** Logins of connectors, changed beside a `serve` that may be running. */
export async function connector(
  action: ConnectorAction,
  name: string | undefined,
  options: ConnectorOptions,
  console: Console,
): Promise<number> {
  checkAction(action, options);
  if (action === 'list' && name !== undefined) throw loginUse('connector list takes no name', 'It shows all of them.');
  return await withConnectorBook(options.config, (book) => act(book, action, name, options, console));
}

async function act(
  book: ConnectorBook,
  action: ConnectorAction,
  name: string | undefined,
  options: ConnectorOptions,
  console: Console,
): Promise<number> {
  switch (action) {
    case 'list':
      listConnectors(book, options, console);
      return 0;
    case 'create':
      await createConnector(book, named(action, name), options, console);
      return 0;
    case 'rotate':
      await rotateConnector(book, named(action, name), options, console);
      return 0;
    case 'end-rotation':
      await endRotation(book, named(action, name), options, console);
      return 0;
    case 'revoke':
      return (await revokeConnector(book, named(action, name), options, console)) ? 0 : 1;
  }
}

function named(action: ConnectorAction, name: string | undefined): string {
  if (name !== undefined) return name;
  throw loginUse(
    `connector ${action} needs the name of a connector`,
    `Write: flexbridge connector ${action} NAME, the name before all options`,
  );
}
