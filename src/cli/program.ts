import { Argument, Command, CommanderError } from 'commander';
import { ConfigError } from '../config/config-error.ts';
import { toBridgeError } from '../domain/errors.ts';
import { printable } from '../domain/printable.ts';
import { audit } from './audit.ts';
import { check } from './check.ts';
import type { Console } from './console.ts';
import { type CutOverOptions, cutOver } from './cut-over.ts';
import { demo } from './demo.ts';
import { doctor } from './doctor.ts';
import { generate } from './generate.ts';
import { hashPasswordCommand } from './hash-password.ts';
import { preview } from './preview.ts';
import { type QuarantineOptions, quarantine } from './quarantine.ts';
import { type ReplayOptions, replay } from './replay.ts';
import { serve } from './serve.ts';
import { status } from './status.ts';
import { type TestEventOptions, testEvent } from './test-event.ts';
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

type Done = (code: number) => void;

/** The table of commands. `done` gets the exit code of the one that was run. */
export function createProgram(console: Console, done: Done): Command {
  const program = new Command('flexbridge')
    .description('Microsoft Defender detections for the ArcSight FlexConnector REST')
    .version(version())
    .configureOutput({ writeOut: console.out, writeErr: console.err })
    .exitOverride()
    .showHelpAfterError('(--help shows what is possible)');
  const config = [
    '-c, --config <file>',
    'configuration file (default: flexbridge.yaml here, or FLEXBRIDGE_... variables alone)',
  ] as const;

  program
    .command('serve')
    .description('pull detections and serve the feed until stopped')
    .option(...config)
    .option('--log-level <level>', 'error, warn, info or debug', 'info')
    .action(async (options: { config?: string; logLevel: string }) => {
      done(await serve(options));
    });
  program
    .command('demo')
    .description('try it: a simulated Microsoft, the bridge and a connector, on free ports with fresh data')
    .option('--once', 'stop when the first batch has arrived; exit 1 with the reason if it does not')
    .option(
      '--faults [names]',
      'let a fifth of the requests to Microsoft go wrong, in these ways (NAME,NAME) or in all',
    )
    .action(async (options: { once?: boolean; faults?: string | true }) => {
      done(await demo(options, console));
    });
  program
    .command('check')
    .description('check the configuration and the store; with --online also Microsoft')
    .option(...config)
    .option('--online', 'ask Microsoft for a token and one alert of every tenant')
    .option('--json', 'print the findings as JSON')
    .action(async (options: { config?: string; online?: boolean; json?: boolean }) => {
      done(await check(options, console));
    });
  program
    .command('doctor')
    .description('say why no event arrives: everything check does, and how the running bridge is doing')
    .option(...config)
    .option('--json', 'print the findings as JSON')
    .action(async (options: { config?: string; json?: boolean }) => {
      done(await doctor(options, console));
    });
  program
    .command('status')
    .description(
      'show how the running bridge is doing: on a terminal a view that updates itself, otherwise one snapshot',
    )
    .option(...config)
    .option('--interval <duration>', 'time between two looks, 500ms to 1h', '2s')
    .option('--json', 'print one snapshot as JSON')
    .action(async (options: { config?: string; interval: string; json?: boolean }) => {
      done(await status(options, console));
    });
  program
    .command('generate')
    .description('write the files for ArcSight: parser, client properties, INSTALL.md')
    .option(...config)
    .requiredOption('--feed <name>', 'feed to generate for')
    .requiredOption('--out <folder>', 'folder to write to, or with --check to compare with')
    .option('--check', 'compare instead of writing; exit 1 when a file differs')
    .action(async (options: { config?: string; feed: string; out: string; check?: boolean }) => {
      done(await generate(options, console));
    });
  program
    .command('preview')
    .description("show what ArcSight makes of a payload of any of Microsoft's three APIs")
    .requiredOption('-i, --input <file>', 'an OData answer, a list of alerts or detections, or one, as JSON')
    .option('--feed-json', "print the feed's JSON array")
    .option('--ndjson', 'print the ArcSight events, one JSON object a line')
    .option('--cef', 'print CEF lines')
    .option('--layout <layout>', 'microsoft or esm', 'microsoft')
    .action(async (options: { input: string; feedJson?: boolean; ndjson?: boolean; cef?: boolean; layout: string }) => {
      done(await preview(options, console));
    });
  program
    .command('quarantine')
    .description('list what could not be taken from Microsoft and was set aside, or have it tried again')
    .addArgument(new Argument('<action>', 'list, or retry').choices(['list', 'retry'] as const))
    .argument('[ids...]', 'retry: numbers of the entries')
    .option(...config)
    .option('--all', 'retry: every entry')
    .option('--show <id>', 'list: one entry, with the text that Microsoft sent')
    .option('--json', 'print JSON; with --show the text is in it as it was sent')
    .action(async (action: 'list' | 'retry', ids: readonly string[], options: QuarantineOptions) => {
      done(await quarantine(action, ids, options, console));
    });
  program
    .command('replay')
    .description('send events of a feed once more, to one connector or to all; the running bridge does it')
    .option(...config)
    .option('--feed <name>', 'feed whose events are meant')
    .option('--connector <name>', 'only this connector gets them (default: every connector of the feed)')
    .option('--from <time>', 'events stored at this time or later: 2026-01-31T12:00:00Z, or 2h for so long ago')
    .option('--to <time>', 'events stored before this time (default: now)')
    .option('--alert <id>', "events of one alert, by Microsoft's id")
    .option('--position <n>', 'one event by its FeedSeq, or a range of them: 4711-4720')
    .option('--rate <n>', 'events a second', '200')
    .option('--dry-run', 'say what it would be, and write nothing')
    .option('--no-wait', 'do not wait until they are in the feed')
    .option('--list', 'show the replays so far')
    .option('--cancel <id>', 'end a replay; what it has put into the feed stays')
    .option('--json', 'print the replay as JSON, once it has ended')
    .action(async (options: ReplayOptions) => {
      done(await replay(options, console));
    });
  program
    .command('cut-over')
    .description('start a connector in place of an older one, without what that has already delivered')
    .option(...config)
    .requiredOption('--feed <name>', 'feed that the connector reads')
    .requiredOption('--connector <name>', 'connector that takes over')
    .option('--at <time>', 'alerts that Microsoft updated before this time are left out, of what is stored by now')
    .option('--position <n>', 'last FeedSeq that is left out')
    .option('--force', 'also for a connector that has already begun')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'say what it would mean, and write nothing')
    .option('--json', 'print it as JSON, without asking')
    .action(async (options: CutOverOptions) => {
      done(await cutOver(options, console));
    });
  program
    .command('test-event')
    .description('send one event of the bridge itself, and follow it until every connector has acknowledged it')
    .option(...config)
    .requiredOption('--feed <name>', 'feed that it is put into')
    .option('--connector <name>', 'only this connector gets it (default: every connector of the feed)')
    .option('--timeout <duration>', 'how long to wait: as long as the connector needs for two polls', '5m')
    .option('--json', 'print the result as JSON')
    .action(async (options: TestEventOptions) => {
      done(await testEvent(options, console));
    });
  program
    .command('audit')
    .description('show the audit trail: who replayed, cut over or tested what, and what the bridge had to give up')
    .option(...config)
    .option('--limit <n>', 'entries, newest first', '100')
    .option('--json', 'print them as JSON')
    .action(async (options: { config?: string; limit: string; json?: boolean }) => {
      done(await audit(options, console));
    });
  program
    .command('hash-password')
    .description('read a password from standard input and print the hash for operators[].passwordHash')
    .action(async () => {
      done(await hashPasswordCommand(console));
    });
  return program;
}
