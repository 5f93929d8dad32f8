import type { Observation, ObservedRequest } from '../domain/observation.ts';
import { adviceOf, type CurrentSettings } from '../domain/observation-advice.ts';
import { lengthText } from '../domain/observation-evidence.ts';
import { answersOf } from '../domain/observation-questions.ts';
import { printable } from '../domain/printable.ts';
import { moment } from '../domain/time-words.ts';
import { counted } from '../telemetry/wording.ts';
import { columns } from './columns.ts';

/** How an observation stands. */
export type ObservationState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

/** Requests that the report for people shows; `--json` has all that were kept. */
const SHOWN = 20;
const LONGEST = 60;

/** What was seen, what that proves, and what to choose. */
export function observationReport(seen: Observation, settings: CurrentSettings, state: ObservationState): string {
  return [heading(seen, state), requestTable(seen), answerList(seen), adviceList(seen, settings)]
    .filter((part) => part !== '')
    .join('\n');
}

/** The same for a program. Times are epoch ms. */
export function observationJson(seen: Observation, settings: CurrentSettings, state: ObservationState): string {
  return `${JSON.stringify({ state, observation: seen, answers: answersOf(seen), settings: adviceOf(seen, settings) }, null, 2)}\n`;
}

function heading(seen: Observation, state: ObservationState): string {
  const { connector, startedMs, endedMs, sums, restarts, forMs } = seen;
  const span = endedMs === null ? `of ${lengthText(forMs)}` : lengthText(endedMs - startedMs);
  const cut = state === 'cancelled' ? ', ended early' : state === 'done' ? '' : `, ${state}`;
  const lines = [
    `Observation of ${connector} from ${moment(startedMs)} (${span}${cut}): ${counted(sums.requests, 'request')} on ${counted(sums.connections, 'connection')}, ${sums.pages} with events, ${sums.empty} empty, ${sums.tokens} for a token, ${sums.refused} refused, ${sums.failed} failed, ${sums.broken} broken off.`,
  ];
  if (restarts > 0) lines.push(`The bridge was restarted meanwhile (${restarts}): what came then was not seen.`);
  if (sums.requests === 0)
    lines.push(
      'Nothing was seen of it: check that it runs, its URL and its login (its agent.log), and its polling interval.',
    );
  return lines.map((line) => `${line}\n`).join('');
}

const TITLES = [
  'time',
  'what',
  'time in the request',
  'after',
  'connection',
  'answer',
  'events',
  'bytes',
  'took',
  'ended',
  'probe',
];

function requestTable(seen: Observation): string {
  if (seen.requests.length === 0) return '';
  const rows = seen.requests.slice(-SHOWN).map((request) => row(request, seen));
  const left = seen.sums.requests - rows.length;
  const more = left > 0 ? `${counted(left, 'request')} before these; --json has those that were kept.\n` : '';
  return `${more}${columns([TITLES, ...rows.map((cells) => cells.map((cell) => printable(cell, LONGEST)))])}`;
}

function row(request: ObservedRequest, { shapes }: Observation): readonly string[] {
  const { atMs, since, intervalMs, connection, newConnection, status, events, bytes, durationMs } = request;
  const shape = shapes[request.shape];
  return [
    moment(atMs),
    `${shape?.method ?? ''} ${shape?.path ?? ''}${request.byAddress ? ' (by address)' : ''}`,
    since ?? '-',
    intervalMs === null ? '-' : lengthText(intervalMs),
    `${connection}${newConnection === true ? ' new' : ''}`,
    status === null ? 'none' : String(status),
    events === null ? '-' : String(events),
    String(bytes),
    `${durationMs} ms`,
    request.ended,
    request.probe ?? '',
  ];
}

const STATES = { answered: 'answered', 'not-seen': 'not seen', 'not-from-here': 'not to be seen from here' } as const;

function answerList(seen: Observation): string {
  const lines = answersOf(seen).map(
    ({ question, state, answer, evidence }) =>
      `* ${question}\n  ${STATES[state]}: ${answer}\n${evidence === '' ? '' : `  seen: ${evidence}\n`}`,
  );
  return `What that proves\n${lines.join('')}`;
}

function adviceList(seen: Observation, settings: CurrentSettings): string {
  const lines = adviceOf(seen, settings).map(
    ({ setting, now, choose, reason }) =>
      `* ${setting}: ${choose === null ? `leave ${now}` : `${choose} (now ${now})`}\n  ${reason}\n`,
  );
  return `Settings\n${lines.join('')}`;
}
