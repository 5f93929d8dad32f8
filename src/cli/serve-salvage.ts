import { feedRules } from '../bridge-feeds.ts';
import type { Config } from '../config/config.ts';
import { systemClock } from '../domain/clock.ts';
import { acquireInstanceLock } from '../store/instance-lock.ts';
import { type SalvageReport, salvage } from '../store/salvage/salvage.ts';
import { account } from './account.ts';
import type { Console } from './console.ts';
import { openProgress } from './progress-line.ts';

/**
 * Before a start of `serve --salvage`: where the database is damaged, a new one is made of what can be read. All of it is
 * said on standard error, because standard output is the log.
 */
export function salvageBefore(config: Config, { err }: Pick<Console, 'err'>): void {
  const { path } = config.store;
  const lock = acquireInstanceLock(path, process.pid);
  const progress = openProgress({ out: err, isTerminal: false });
  try {
    err(`Looking through ${path} ...\n`);
    const report = salvage({
      path,
      feeds: config.feeds.map((feed) => feedRules(feed, config.tenants)),
      clock: systemClock,
      requestedBy: account(),
      progress: (done, total) => {
        progress.show(done, total, 'pages');
      },
    });
    err(report === null ? 'There is no damage: nothing was changed.\n' : salvageText(report));
  } finally {
    progress.end();
    lock.release();
  }
}

export function salvageText(report: SalvageReport): string {
  const { damage, aside, tables, pages, brokenPages, feeds, sources } = report;
  const kept = tables.filter(({ rows, broken }) => rows + broken > 0);
  const watermark = (at: string | null): string => (at === null ? 'initialLookback' : at);
  return [
    `Salvaged: ${damage}.`,
    ...(aside === null ? [] : [`The damaged files are kept as ${aside}, as they were.`]),
    `Of ${pages} pages ${brokenPages} could not be read.`,
    ...(kept.length === 0 ? ['Nothing in it could be read: FlexBridge starts with an empty database.'] : []),
    ...kept.map(
      ({ table, rows, broken }) => `  ${table}: ${rows} rows kept${broken > 0 ? `, ${broken} unreadable` : ''}`,
    ),
    ...feeds.map(
      ({ feed, events, madeAgain, lastSeq }) =>
        `  feed ${feed}: ${events} events, ${madeAgain} of them made again; FeedSeq goes on after ${lastSeq}`,
    ),
    ...(sources.length === 0 ? ['Microsoft is read again from initialLookback of each source.'] : []),
    ...sources.map(
      ({ tenantId, source, watermark: at }) => `Microsoft is read on from ${watermark(at)} (${tenantId}, ${source}).`,
    ),
    ...(tables.some(({ table, rows }) => table === 'position' && rows > 0)
      ? []
      : ['No position could be read: connectors begin as at first contact.']),
    'Compare with Microsoft what may be missing: flexbridge reconcile.',
    '',
  ].join('\n');
}
