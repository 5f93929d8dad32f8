import type { Command } from 'commander';
import { check } from './check.ts';
import { CONFIG_OPTION, type Done } from './command-options.ts';
import type { Console } from './console.ts';
import { demo } from './demo.ts';
import { type ServeOptions, serve } from './serve.ts';
import { status } from './status.ts';

/** Running the bridge, and seeing how it is doing. */
export function addBridgeCommands(program: Command, console: Console, done: Done): void {
  program
    .command('serve')
    .description('pull detections and serve the feed until stopped')
    .option(...CONFIG_OPTION)
    .option(
      '--log-level <level>',
      'error, warn, info or debug (default: log.level of the configuration, which is info)',
    )
    .option('--log-format <format>', 'auto, json or pretty (default: log.format, which is auto: pretty on a terminal)')
    .option('--salvage', 'where the database is damaged, move it aside and start with all of it that can be read')
    .action(async (options: ServeOptions) => {
      done(await serve(options, console));
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
    .option(...CONFIG_OPTION)
    .option('--online', 'ask Microsoft for a token and one alert of every tenant')
    .option('--json', 'print the findings as JSON')
    .action(async (options: { config?: string; online?: boolean; json?: boolean }) => {
      done(await check(options, console));
    });
  program
    .command('status')
    .description(
      'show how the running bridge is doing: on a terminal a view that updates itself, otherwise one snapshot',
    )
    .option(...CONFIG_OPTION)
    .option('--interval <duration>', 'time between two looks, 500ms to 1h', '2s')
    .option('--json', 'print one snapshot as JSON')
    .action(async (options: { config?: string; interval: string; json?: boolean }) => {
      done(await status(options, console));
    });
}
