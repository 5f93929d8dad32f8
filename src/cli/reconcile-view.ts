import type { MissingAlert } from '../collector/reconcile-comparison.ts';
import type { ConnectorDelivery, FeedDelivery } from '../collector/reconcile-delivery.ts';
import { MISSING_REASONS } from '../collector/reconcile-reasons.ts';
import { printable } from '../domain/printable.ts';
import { columns } from './columns.ts';
import { isComplete, notesOf, type ReconcileRow, stillMissing } from './reconcile-row.ts';

const TITLES = [
  'source',
  'Microsoft has',
  'stored',
  'missing',
  'feed',
  'connector',
  'took',
  'waiting',
  'kept out',
  'deleted',
];
/** Ids of one list; `--json` names all. */
const MOST_NAMED = 100;

/** The rows for people: a table, then what is missing by name, then what to do. */
export function reconcileText(rows: readonly ReconcileRow[], nowMs: number): string {
  const parts = [
    columns([TITLES, ...rows.flatMap(cellsOf)]),
    ...rows.map((row) => text(detailsOf(row))),
    text(notesOf(rows, nowMs)),
    text([conclusion(rows)]),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** One line for each feed and connector; the numbers of the source stand in the first. */
function cellsOf(row: ReconcileRow): readonly (readonly string[])[] {
  const { comparison, feeds } = row;
  const name = `${row.tenant}/${row.api}`;
  if (comparison === null) return [[name, 'not asked']];
  const numbers = [comparison.microsoft, comparison.stored.length, stillMissing(row).length].map(String);
  const lines = feeds.flatMap(deliveryCells);
  const first = [name, ...numbers];
  return lines.length === 0
    ? [first]
    : lines.map((line, index) => [...(index === 0 ? first : ['', '', '', '']), ...line]);
}

function deliveryCells({ feed, connectors, keptOut, gone }: FeedDelivery): readonly (readonly string[])[] {
  const common = [keptOut, gone].map(String);
  if (connectors.length === 0) return [[feed, '-', '-', '-', ...common]];
  return connectors.map((connector) => [feed, connector.connector, ...taken(connector), ...common]);
}

function taken({ state, taken: took, waiting }: ConnectorDelivery): readonly [string, string] {
  switch (state) {
    case 'known':
      return [String(took), String(waiting)];
    case 'never':
      return ['never asked', String(waiting)];
    case 'unknown':
      return ['?', '?'];
  }
}

function detailsOf(row: ReconcileRow): readonly string[] {
  const { tenant, api, problem, comparison, feeds } = row;
  const name = `${tenant}/${api}`;
  if (problem !== null)
    return [
      `${name} could not be asked: ${printable(problem.message, 600)} [${problem.code}]`,
      `  -> ${printable(problem.hint, 600)}`,
    ];
  if (comparison === null) return [];
  const { range, missing, settling, storedOnly, unread } = comparison;
  return [
    `${name}, updated from ${range.from} to ${range.to}`,
    ...listed(missing.map(missingLine)),
    ...unread.map(
      ({ from, to, code, reason }) =>
        `  ${from} to ${to}: ${code === null ? 'in the quarantine' : `not answered for [${code}]`}: ${printable(reason)}`,
    ),
    ...feeds.flatMap(feedLines),
    ...counted(settling, 'newer than settle: not due to be read yet'),
    ...counted(storedOnly, 'stored only: Microsoft no longer has them in this range, or they were updated since'),
  ];
}

function missingLine({ alertId, lastUpdate, reason, became }: MissingAlert): string {
  const what = `${printable(alertId ?? 'a record without id')}  ${lastUpdate ?? 'no update time'}  ${MISSING_REASONS[reason]}`;
  if (became === null) return what;
  const { outcome, events, keptOutOf } = became;
  const kept = keptOutOf.length === 0 ? '' : `, kept out of ${keptOutOf.join(', ')} by its filter`;
  return `${what}  -> ${outcome === 'set-aside' ? 'set aside' : `fetched: ${outcome}, events: ${events}${kept}`}`;
}

function feedLines({ feed, untold, toldAgain, connectors }: FeedDelivery): readonly string[] {
  const left = connectors.flatMap(({ connector, leftOut }) =>
    counted(leftOut, `left to the connector before ${connector} in the feed ${feed} (cut-over)`),
  );
  const given = connectors.flatMap(({ connector, passedOver }) =>
    passedOver.length === 0
      ? []
      : [
          `  given up in the feed ${feed} after many failed tries of ${connector}; once more by flexbridge replay:`,
          ...listed(passedOver),
        ],
  );
  const again = toldAgain === 0 ? '' : `; told again: ${toldAgain}`;
  return [
    ...(untold.length === 0
      ? []
      : [`  stored, and without an event in the feed ${feed}, which takes them${again}:`, ...listed(untold)]),
    ...given,
    ...left,
  ];
}

function counted(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`  ${count} ${what}`];
}

function listed(lines: readonly string[]): readonly string[] {
  const named = lines.slice(0, MOST_NAMED).map((line) => `  ${line}`);
  return lines.length <= MOST_NAMED
    ? named
    : [...named, `  and ${lines.length - MOST_NAMED} more; --json names all of them`];
}

function conclusion(rows: readonly ReconcileRow[]): string {
  if (rows.every(isComplete)) return 'Nothing is missing.';
  const missing = rows.flatMap(stillMissing);
  const untold = rows
    .flatMap(({ feeds }) => feeds)
    .reduce((sum, { untold: all, toldAgain }) => sum + all.length - toldAgain, 0);
  const canFetch = untold > 0 || missing.some(({ became }) => became === null);
  const unknown = rows.some(({ problem, comparison }) => problem !== null || (comparison?.unread.length ?? 0) > 0);
  return [
    missing.length === 0 ? [] : [`Missing: ${missing.length}.`],
    untold === 0 ? [] : [`Without an event in a feed: ${untold}.`],
    canFetch ? ['Fetch and deliver it: the same command with --fetch.'] : [],
    missing.some(({ became }) => became?.outcome === 'set-aside')
      ? ['What is set aside: flexbridge quarantine list.']
      : [],
    unknown ? ['Not everything could be compared.'] : [],
  ]
    .flat()
    .join(' ');
}
