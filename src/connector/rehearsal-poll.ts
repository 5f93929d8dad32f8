import type { ConnectorAuthKind } from '../domain/connector-auth.ts';
import { printable } from '../domain/printable.ts';
import type { ArcSightEvent } from './interpreter/interpret.ts';
import type { PollFailed, PollResult, Timing } from './poll-result.ts';
import { inferred, type RehearsalFault, type RehearsalStep, seen, stepOf } from './rehearsal-step.ts';

/** Login kind and name of the connector, for remedies. */
export interface LoginName {
  readonly kind: ConnectorAuthKind;
  readonly connector: string;
}

/** What the requests brought. The last one may have failed. */
export function judgePolls(results: readonly PollResult[], login: LoginName): RehearsalStep {
  const found: string[] = [];
  const faults: RehearsalFault[] = [];
  for (const result of results) {
    if (result.kind === 'received') found.push(`answered 200 with ${counted(result.rawCount)}`);
    else faults.push(seen(result.message, pollRemedy(result, login)));
  }
  const isIdle = faults.length === 0 && received(results).every(({ rawCount }) => rawCount === 0);
  if (isIdle) found.push('no event waits for this connector; flexbridge test-event puts one into the feed');
  return stepOf('poll', found, faults);
}

type Received = Extract<PollResult, { kind: 'received' }>;

export function received(results: readonly PollResult[]): readonly Received[] {
  return results.filter((result): result is Received => result.kind === 'received');
}

export function pollRemedy({ reason, status }: PollFailed, login: LoginName): string {
  if (reason === 'token' || reason === 'token-fatal')
    return `The access token was refused, and no other was given. Make a new refresh token: flexbridge token create --connector ${login.connector}.`;
  if (reason === 'not-json' || reason === 'not-an-array')
    return 'Something else than the bridge answers at the Events URL: a proxy or a sign-in page of the network.';
  if (reason === 'timeout' || reason === 'network' || reason === 'aborted')
    return 'The connector polls again. If it lasts: flexbridge doctor on the bridge, and what lies between.';
  if (reason === 'too-large') return 'Lower page.maxBytes of the feed.';
  if (status === 401) return UNAUTHORIZED[login.kind].replaceAll('NAME', () => login.connector);
  return OF_STATUS.get(status ?? 0) ?? 'On the bridge, flexbridge doctor and its log say what happened.';
}

const UNAUTHORIZED: Readonly<Record<ConnectorAuthKind, string>> = {
  oauth2: 'The feed does not take the access token. Check that NAME still exists: flexbridge connector list.',
  basic: 'User name or password is wrong. A new password: flexbridge connector rotate NAME.',
  mtls: 'The bridge does not know this client certificate. Tell it: flexbridge connector rotate NAME --certificate FILE; server.tls.clientCaFile must hold the CA of it.',
  urlKey: 'The URL key is wrong, or server.urlKeys is off at the bridge. A new key: flexbridge connector rotate NAME.',
};

const OF_STATUS: ReadonlyMap<number, string> = new Map([
  [400, 'The bridge does not understand the request: compare the Events URL with INSTALL.md.'],
  [403, 'The login may not read this feed: flexbridge connector list says which it may.'],
  [404, 'The feed of the Events URL does not exist at this bridge: compare it with INSTALL.md.'],
  [429, 'Too many failed logins came from this address. Wait a few minutes, and correct the secret first.'],
  [503, 'The bridge cannot read its store just now. Nothing is lost; flexbridge doctor says why.'],
]);

/** Without these an event is of no use, or is not found again (flexconnector 2 and 4). */
const REQUIRED = ['name', 'deviceSeverity', 'externalId', 'deviceReceiptTime', 'deviceEventClassId'];
const SHOWN = 5;

/** What the parser file makes of the answers. */
export function judgeEvents(results: readonly PollResult[]): RehearsalStep {
  const polls = received(results);
  const events = polls.flatMap((poll) => poll.events);
  const warnings = polls.flatMap((poll) => poll.warnings);
  const faults: RehearsalFault[] = [];
  const lost = polls.reduce((sum, poll) => sum + Math.max(poll.rawCount - poll.events.length, 0), 0);
  const anew =
    'Make the pack anew and put the parser file in place again: it must be of the same version as the bridge.';
  if (lost > 0) faults.push(seen(`${counted(lost)} of the answer are none to the parser file`, anew));
  for (const field of REQUIRED) {
    const without = events.filter(({ fields }) => fields[field] === undefined || fields[field] === '').length;
    if (without > 0) faults.push(seen(`${without} of ${counted(events.length)} have no ${field}`, anew));
  }
  const messages = [...new Set(warnings.map(({ message }) => message))];
  for (const message of messages.slice(0, SHOWN))
    faults.push(inferred(`the parser file: ${printable(message, 200)}`, anew));
  if (messages.length > SHOWN) faults.push(inferred(`${messages.length - SHOWN} more of this kind`, anew));
  return stepOf('events', foundOf(events), faults);
}

function foundOf(events: readonly ArcSightEvent[]): readonly string[] {
  const [example] = events;
  if (example === undefined) return [];
  const { fields, severity } = example;
  const time = fields['deviceReceiptTime'];
  const at = typeof time === 'number' ? new Date(time).toISOString() : 'none';
  return [
    `${counted(events.length)} understood; ${REQUIRED.join(', ')} were looked for in each`,
    `for example: name "${printable(String(fields['name'] ?? ''), 80)}", severity ${severity}, deviceReceiptTime ${at}`,
  ];
}

/** Deduced, not documented (flexconnector 7). */
const MOST_EVENTS = 1000;
const MOST_BYTES = 5_000_000;
const LONGEST_MS = 10_000;

/** An answer, for what it weighs. Null: not known. */
export interface Measured extends Pick<Timing, 'startedMs' | 'answeredMs'> {
  readonly rawCount: number | null;
  readonly bytes: number | null;
}

export function judgeLimits(answers: readonly Measured[]): RehearsalStep {
  const events = Math.max(0, ...answers.map(({ rawCount }) => rawCount ?? 0));
  const bytes = Math.max(0, ...answers.map((answer) => answer.bytes ?? 0));
  const ms = Math.max(0, ...answers.map(({ startedMs, answeredMs }) => answeredMs - startedMs));
  const found = [`at most ${counted(events)}, ${bytes} bytes and ${ms} ms an answer`];
  const faults = [
    ...(events > MOST_EVENTS
      ? [inferred(`more than ${MOST_EVENTS} events in one answer`, 'Lower page.maxEvents of the feed.')]
      : []),
    ...(bytes > MOST_BYTES
      ? [inferred(`more than ${MOST_BYTES / 1e6} MB in one answer`, 'Lower page.maxBytes of the feed.')]
      : []),
    ...(ms > LONGEST_MS
      ? [
          inferred(
            `an answer took more than ${LONGEST_MS / 1000} seconds; after how long a connector gives up is not known`,
            'Lower page.maxEvents, or look for what slows the network or the disk of the bridge down.',
          ),
        ]
      : []),
  ];
  return stepOf('limits', found, faults);
}

function counted(count: number): string {
  return `${count} event${count === 1 ? '' : 's'}`;
}
