import type { Finding, FindingState } from '../domain/finding.ts';
import { printable } from '../domain/printable.ts';
import type { StatusSnapshot } from '../domain/status-snapshot.ts';
import { span } from '../domain/time-words.ts';

const MARKS = { ok: 'ok      ', warning: 'warning ', failed: 'FAILED  ' } as const;
const INDENT = ' '.repeat(MARKS.ok.length);
/** Longest text of a finding that is shown in full. */
const LONGEST = 600;
/** What a finding that is ok is about, such as a path, may not push its meaning out of the window. */
const SUBJECT = 40;

/**
 * A snapshot as lines for people: what is not well in full, then sources, feeds and connectors, then one line for each
 * finding that is ok, so that a small window loses those first. Every line is safe for a terminal.
 * @param width in columns; longer texts are wrapped or cut
 */
export function statusLines(snapshot: StatusSnapshot, width: number): readonly string[] {
  const { atMs, findings } = snapshot;
  const bad = findings.filter(({ state }) => state !== 'ok');
  const good = findings.filter(({ state }) => state === 'ok');
  const sections = [
    heading(snapshot),
    bad.flatMap((finding) => inFull(finding, atMs, width)),
    sourceTable(snapshot),
    feedTable(snapshot),
    connectorTable(snapshot),
    columns(good.map(({ id, subject, meaning }) => [`${MARKS.ok}${id}`, printable(subject, SUBJECT), meaning])),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]))
    .map((line) => printable(line, width));
}

/** At most `rows` lines, at least one; the last says what is missing. */
export function clipLines(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length <= Math.max(rows, 1)) return lines;
  const kept = lines.slice(0, Math.max(rows - 1, 0));
  return [...kept, `... ${lines.length - kept.length} more lines in a higher window`];
}

function heading({ atMs, pid, findings }: StatusSnapshot): readonly string[] {
  const count = (wanted: FindingState) => findings.filter(({ state }) => state === wanted).length;
  const serve = pid === null ? 'not running' : `running (pid ${pid})`;
  return [
    `FlexBridge ${serve}, ${new Date(atMs).toISOString().slice(0, 19)}Z`,
    `findings: ${count('failed')} failed, ${count('warning')} warning, ${count('ok')} ok`,
  ];
}

function inFull({ id, state, subject, sinceMs, meaning, remedy }: Finding, atMs: number, width: number): string[] {
  const since = sinceMs === null ? '' : `  since ${age(sinceMs, atMs)}`;
  const room = width - INDENT.length;
  return [
    `${MARKS[state]}${id}  ${subject}${since}`,
    ...wrap(printable(meaning, LONGEST), room).map((line) => `${INDENT}${line}`),
    ...wrap(printable(remedy, LONGEST), room - 3).map(
      (line, index) => `${INDENT}${index === 0 ? '-> ' : '   '}${line}`,
    ),
  ];
}

function sourceTable({ atMs, sources }: StatusSnapshot): readonly string[] {
  return table(
    ['source', 'state', 'last success', 'last try', 'read up to', 'failures', 'next try', 'set aside'],
    sources.map(({ tenant, source, state, lastSuccessMs, lastTryMs, watermarkMs, failures, nextTryMs, setAside }) => [
      `${tenant}/${source}`,
      state,
      age(lastSuccessMs, atMs),
      age(lastTryMs, atMs),
      age(watermarkMs, atMs),
      String(failures),
      nextTryMs === null ? '-' : new Date(nextTryMs).toISOString().slice(11, 19),
      String(setAside),
    ]),
  );
}

function feedTable({ atMs, feeds }: StatusSnapshot): readonly string[] {
  return table(
    ['feed', 'last event', 'events'],
    feeds.map(({ feed, lastEventMs, lastSeq }) => [feed, age(lastEventMs, atMs), String(lastSeq)]),
  );
}

function connectorTable({ atMs, connectors }: StatusSnapshot): readonly string[] {
  return table(
    ['connector', 'last poll', 'last delivery', 'backlog', 'oldest', 'time', 'guarantee'],
    connectors.map((row) => [
      `${row.connector}/${row.feed}`,
      age(row.lastPollMs, atMs),
      age(row.lastDeliveredMs, atMs),
      row.backlog === null ? '-' : `${row.backlogIsExact ? '' : '<= '}${row.backlog}`,
      row.oldestWaitingMs === null ? '-' : age(row.oldestWaitingMs, atMs),
      row.time ?? '-',
      row.guarantee ?? '-',
    ]),
  );
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : columns([titles, ...rows]);
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = (rows[0] ?? []).map((_cell, column) => widthOf(column));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function age(ms: number | null, nowMs: number): string {
  return ms === null ? 'never' : `${span(nowMs - ms)} ago`;
}

/** Lines of at most `width`, broken at blanks; a longer word stays whole. No line for no text. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return text === '' ? [] : lines;
}
