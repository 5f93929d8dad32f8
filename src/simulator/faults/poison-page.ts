import type { AnswerPage, AnswerRow, SimulatorAnswer } from '../exchange.ts';
import type { FaultContext } from './fault-context.ts';
import type { PoisonName } from './fault-table.ts';
import { ownError } from './own-error.ts';
import { unreadable } from './page-change.ts';

export interface Poison {
  readonly alertId: string;
  readonly name: PoisonName;
}

/** Stands in the printed page where the text is changed afterwards. */
const MARK = '\u2603poisoned\u2603';
const ID_KEYS: ReadonlySet<string> = new Set(['id', 'AlertId', 'FullId']);
const TIME_KEYS: ReadonlySet<string> = new Set(['lastUpdateDateTime', 'lastUpdateTime', 'LastProcessedTimeUtc']);

/** The page with its poisoned records. */
export function poisonPage(
  { service, request, nowMs, times }: Pick<FaultContext, 'service' | 'request' | 'nowMs' | 'times'>,
  answer: SimulatorAnswer,
  page: AnswerPage | undefined,
  poisons: readonly Poison[],
): SimulatorAnswer {
  const poisonOf = (row: AnswerRow) => poisons.find(({ alertId }) => alertId === row.alertId)?.name ?? null;
  const names = new Set(page?.rows.map(poisonOf));
  names.delete(null);
  if (page === undefined || names.size === 0) return answer;
  if (names.has('poison-record-500')) return ownError(service, 500, request, nowMs);
  const values = page.rows.map((row) => poisonValue(row.value, poisonOf(row)));
  const body = page.print(values, page.nextLink);
  if (names.has('poison-record-json')) {
    return { ...unreadable(answer), body: body.replaceAll(JSON.stringify(MARK), '{"title": "cut') };
  }
  if (names.has('poison-record-too-large')) {
    const offset = Buffer.byteLength(body.slice(0, body.indexOf(MARK)));
    return { ...unreadable(answer), body, delivery: { kind: 'swell', offset, bytes: times.largeRecordBytes } };
  }
  return { ...answer, body, page: { ...page, rows: page.rows.filter((row) => poisonOf(row) === null) } };
}

function poisonValue(value: unknown, name: PoisonName | null): unknown {
  switch (name) {
    case null:
    case 'poison-record-500':
      return value;
    case 'poison-record-json':
      return MARK;
    case 'poison-record-too-large':
      return typeof value === 'object' ? { ...value, description: MARK } : value;
    case 'record-without-id':
      return without(value, ID_KEYS);
    case 'record-without-update-time':
      return without(value, TIME_KEYS);
    case 'record-not-an-object':
      return 42;
  }
}

function without(value: unknown, keys: ReadonlySet<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !keys.has(name)));
}
