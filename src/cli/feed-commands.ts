import { Argument, type Command, Option } from 'commander';
import { audit } from './audit.ts';
import { CONFIG_OPTION, type Done } from './command-options.ts';
import type { Console } from './console.ts';
import { type CutOverOptions, cutOver } from './cut-over.ts';
import { type QuarantineOptions, quarantine } from './quarantine.ts';
import { type ReconcileOptions, reconcile } from './reconcile.ts';
import { type ReplayOptions, replay } from './replay.ts';
import { type TestEventOptions, testEvent } from './test-event.ts';

/** What went into the feeds, what did not, and sending it once more. */
export function addFeedCommands(program: Command, console: Console, done: Done): void {
  program
    .command('quarantine')
    .description('list what could not be taken from Microsoft and was set aside, or have it tried again')
    .addArgument(new Argument('<action>', 'list, or retry').choices(['list', 'retry'] as const))
    .argument('[ids...]', 'retry: numbers of the entries')
    .option(...CONFIG_OPTION)
    .option('--all', 'retry: every entry')
    .option('--show <id>', 'list: one entry, with the text that Microsoft sent')
    .option('--json', 'print JSON; with --show the text is in it as it was sent')
    .action(async (action: 'list' | 'retry', ids: readonly string[], options: QuarantineOptions) => {
      done(await quarantine(action, ids, options, console));
    });
  program
    .command('reconcile')
    .description(
      'compare what Microsoft has with what is stored and with what the connectors took; fetch what is missing',
    )
    .option(...CONFIG_OPTION)
    .option('--tenant <name>', 'only this tenant (default: every one)')
    .option('--api <name>', 'only this API: graph-alerts, defender-alerts or siem-detections')
    .option(
      '--from <time>',
      'alerts updated at this time or later: 2026-01-31T12:00:00Z, or 7d for so long ago (default: a day)',
    )
    .option('--to <time>', 'alerts updated before this time (default: as far as they ought to have been read)')
    .option('--fetch', 'store what is missing, so that the feeds deliver it')
    .option('--json', 'print it as JSON')
    .action(async (options: ReconcileOptions) => {
      done(await reconcile(options, console));
    });
  program
    .command('replay')
    .description('send events of a feed once more, to one connector or to all; the running bridge does it')
    .option(...CONFIG_OPTION)
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
    .addOption(new Option('--cancel <id>', 'end a replay; what it has put into the feed stays').conflicts('list'))
    .option('--json', 'print the replay as JSON, once it has ended')
    .action(async (options: ReplayOptions) => {
      done(await replay(options, console));
    });
  program
    .command('cut-over')
    .description('start a connector in place of an older one, without what that has already delivered')
    .option(...CONFIG_OPTION)
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
    .option(...CONFIG_OPTION)
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
    .option(...CONFIG_OPTION)
    .option('--limit <n>', 'entries, newest first', '100')
    .option('--json', 'print them as JSON')
    .action(async (options: { config?: string; limit: string; json?: boolean }) => {
      done(await audit(options, console));
    });
}
