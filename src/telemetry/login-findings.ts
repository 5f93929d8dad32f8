import type { LoginWay } from '../domain/bridge-event.ts';
import type { Finding } from '../domain/finding.ts';
import { moment } from '../domain/time-words.ts';
import type { LoginFailure } from '../store/login-failures.ts';
import type { Observations, SeenConnector } from './observations.ts';
import { counted } from './wording.ts';

/** Older ones say nothing of now: a silent connector is told of by `connector.poll`. */
const OF_LATE_MS = 86_400_000;

/** Wrong logins that explain why a connector does not poll. Where none is in the way there is no row. */
export function loginFindings(seen: Observations): readonly Finding[] {
  const { loginFailures = [], connectors, nowMs } = seen;
  const ofLate = loginFailures.filter(({ lastMs }) => nowMs - lastMs <= OF_LATE_MS);
  return ofLate.flatMap((failure) =>
    failure.connector === '' ? unknownRow(failure, seen) : connectorRow(failure, connectors),
  );
}

/** A right login since then: the wrong ones were somebody's attempts, and the connector has its events. */
function connectorRow(failure: LoginFailure, connectors: readonly SeenConnector[]): readonly Finding[] {
  const { connector, failures, firstMs, lastMs } = failure;
  const own = connectors.filter(({ name }) => name === connector);
  const polledMs = lastPollMs(own);
  if (own.length === 0 || lastMs <= polledMs) return [];
  const before = polledMs === 0 ? 'it has never polled' : `it has not polled since ${moment(polledMs)}`;
  return [
    {
      id: 'connector.login',
      state: 'failed',
      subject: connector,
      sinceMs: firstMs,
      meaning: `The login of this connector is refused: ${counted(failures, 'wrong login')} since ${moment(firstMs)}, the last ${how(failure)}; ${before}.`,
      remedy: `${REMEDIES[failure.by](connector)} See docs/logins.md.`,
    },
  ];
}

/** Only while a connector is missed: otherwise it is somebody who guesses, which the log and the metrics tell. */
function unknownRow(failure: LoginFailure, { connectors, alarms, nowMs }: Observations): readonly Finding[] {
  const missed = connectors.filter((one) => nowMs - lastPollMs([one]) > alarms.connectorSilentMs);
  if (missed.length === 0) return [];
  const names = [...new Set(missed.map(({ name }) => name))];
  const shown = names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
  return [
    {
      id: 'connector.login',
      state: 'warning',
      subject: 'unknown names',
      sinceMs: failure.firstMs,
      meaning: `${counted(failure.failures, 'wrong login')} since ${moment(failure.firstMs)} under names that are no connector of this bridge, the last ${how(failure)}, while this does not poll: ${shown}.`,
      remedy:
        'If that address is the machine of your connector: compare the user name or client id in the connector with flexbridge connector list, and type it again with its secret. The lines "login failed" of the log have the names that were sent. See docs/logins.md.',
    },
  ];
}

/** 0: never. */
function lastPollMs(connectors: readonly SeenConnector[]): number {
  return Math.max(
    0,
    ...connectors.map(({ position, cursorReadMs }) => Math.max(position?.lastPollMs ?? 0, cursorReadMs ?? 0)),
  );
}

function how({ lastMs, address, by }: LoginFailure): string {
  return `at ${moment(lastMs)} from ${address} by ${WAYS[by]}`;
}

const WAYS: Readonly<Record<LoginWay, string>> = {
  basic: 'user name and password',
  bearer: 'access token',
  certificate: 'client certificate',
  urlKey: 'key in the URL',
  clientSecret: 'client id and client secret',
  signIn: 'the sign-in page',
};

function retype(connector: string): string {
  return `Type the secret into the connector again; if it is lost, make a new one with flexbridge connector rotate ${connector} (one that stands in the configuration: its secretHash there).`;
}

const REMEDIES: Readonly<Record<LoginWay, (connector: string) => string>> = {
  basic: retype,
  clientSecret: retype,
  signIn: retype,
  urlKey: retype,
  bearer: (connector) =>
    `Its access token was revoked. Make a refresh token with flexbridge token create --connector ${connector}, or let the connector log in again.`,
  certificate: () =>
    'Compare the fingerprint in the line "login failed" of the log with that of the connector: flexbridge connector list.',
};
