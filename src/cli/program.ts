import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/config-error.ts';
import { toBridgeError } from '../domain/errors.ts';
import { printable } from '../domain/printable.ts';
import { addBridgeCommands } from './bridge-commands.ts';
import type { Done } from './command-options.ts';
import type { Console } from './console.ts';
import { addFeedCommands } from './feed-commands.ts';
import { hashPasswordCommand } from './hash-password.ts';
import { addLoginCommands } from './login-commands.ts';
import { addOperationsCommands } from './operations-commands.ts';
import { addPackCommands } from './pack-commands.ts';
import { addStoreCommands } from './store-commands.ts';
import { version } from './version.ts';

/** Exit codes: 0 done, 1 failed, 78 the configuration is wrong (sysexits EX_CONFIG). */
const EXIT_FAILURE = 1;
const EXIT_CONFIG = 78;

/** Parses the command line, runs the command and answers with the exit code. */
export async function run(argv: readonly string[], console: Console): Promise<number> {
  let code = 0;
  const program = createProgram(console, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode;
    return report(thrown, console);
  }
}

function report(thrown: unknown, { err }: Console): number {
  if (thrown instanceof ConfigError) {
    err(thrown.toText());
    return EXIT_CONFIG;
  }
  const error = toBridgeError(thrown);
  const stack = error.kind === 'bug' && error.cause instanceof Error ? `${error.cause.stack ?? ''}\n` : '';
  err(`flexbridge: ${printable(error.message, 1000)} [${error.code}]\n  -> ${printable(error.hint, 1000)}\n${stack}`);
  return EXIT_FAILURE;
}

/** The table of commands. `done` gets the exit code of the one that was run. */
export function createProgram(console: Console, done: Done): Command {
  const program = new Command('flexbridge')
    .description('Microsoft Defender detections for the ArcSight FlexConnector REST')
    .version(version())
    .configureOutput({ writeOut: console.out, writeErr: console.err })
    .exitOverride()
    .showHelpAfterError('(--help shows what is possible)');
  addBridgeCommands(program, console, done);
  addOperationsCommands(program, console, done);
  addFeedCommands(program, console, done);
  addLoginCommands(program, console, done);
  addPackCommands(program, console, done);
  addStoreCommands(program, console, done);
  program
    .command('hash-password')
    .description('read a password from standard input and print the hash for operators[].passwordHash')
    .action(async () => {
      done(await hashPasswordCommand(console));
    });
  return program;
}
