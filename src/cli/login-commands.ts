import { Argument, type Command } from 'commander';
import { CONFIG_OPTION, type Done } from './command-options.ts';
import { connector } from './connector.ts';
import type { ConnectorAction, ConnectorOptions } from './connector-options.ts';
import type { Console } from './console.ts';
import { type TokenAction, type TokenOptions, token } from './token.ts';

/** Who may sign in at the bridge. */
export function addLoginCommands(program: Command, console: Console, done: Done): void {
  program
    .command('connector')
    .description('make, show, rotate or revoke the login of an ArcSight connector')
    .addArgument(
      new Argument('<action>', 'create, list, rotate, end-rotation or revoke').choices([
        'create',
        'list',
        'rotate',
        'end-rotation',
        'revoke',
      ] as const),
    )
    .argument('[name]', 'name of the connector')
    .option(...CONFIG_OPTION)
    .option('--kind <kind>', 'create: oauth2 (default), basic, mtls or urlKey')
    .option('--feed <names...>', 'create: feeds that it may read (default: every one)')
    .option('--redirect-uri <uris...>', 'create, oauth2: where the connector waits for its code')
    .option('--certificate <file>', 'create or rotate, mtls: PEM file of its certificate')
    .option(
      '--client-file <path>',
      'create or rotate, oauth2: write the client properties file, secret and all (mode 0600)',
    )
    .option('--accept-basic', 'create, oauth2: its name and client secret are taken as HTTP Basic, too')
    .option('--rotate-refresh-tokens', 'create, oauth2: each refresh gives a new refresh token')
    .option('--yes', 'revoke: do not ask')
    .option('--json', 'print it as JSON')
    .action(async (action: ConnectorAction, name: string | undefined, options: ConnectorOptions) => {
      done(await connector(action, name, options, console));
    });
  program
    .command('token')
    .description("make a refresh token for a connector's wizard, or show or revoke those there are")
    .addArgument(new Argument('<action>', 'create, list or revoke').choices(['create', 'list', 'revoke'] as const))
    .argument('[id]', 'revoke: id of the token, as list shows it')
    .option(...CONFIG_OPTION)
    .option('--connector <name>', 'create: the connector that it is for; list, revoke: only its tokens')
    .option('--all', 'revoke: every token of the connector')
    .option('--json', 'print it as JSON')
    .action(async (action: TokenAction, id: string | undefined, options: TokenOptions) => {
      done(await token(action, id, options, console));
    });
}
