/** Something that is wrong, or may be. */
export interface RehearsalFault {
  /** error: a connector gets no events, or wrong ones. warning: it may. */
  readonly level: 'error' | 'warning';
  readonly message: string;
  readonly remedy: string;
  /** `inferred`: how the real connector takes it is a conclusion, or known without a public source. */
  readonly certainty: 'seen' | 'inferred';
}

/** One thing that a connector does, and what came of it. */
export interface RehearsalStep {
  readonly id: 'pack' | 'address' | 'tls' | 'token' | 'poll' | 'events' | 'limits';
  readonly title: string;
  readonly state: 'ok' | 'warning' | 'failed' | 'skipped';
  /** A line each. */
  readonly found: readonly string[];
  readonly faults: readonly RehearsalFault[];
}

type StepId = RehearsalStep['id'];

const TITLES: Readonly<Record<StepId, string>> = {
  pack: 'read the pack',
  address: 'find the bridge',
  tls: 'verify its certificate',
  token: 'get an access token with the refresh token',
  poll: 'ask for events',
  events: 'read the events with the parser file',
  limits: 'size and time of the answers',
};

export function stepOf(id: StepId, found: readonly string[], faults: readonly RehearsalFault[] = []): RehearsalStep {
  const isFailed = faults.some(({ level }) => level === 'error');
  const state = isFailed ? 'failed' : faults.length > 0 ? 'warning' : 'ok';
  return { id, title: TITLES[id], state, found, faults };
}

export function skipped(id: StepId, why: string): RehearsalStep {
  return { id, title: TITLES[id], state: 'skipped', found: [why], faults: [] };
}

export function seen(message: string, remedy: string): RehearsalFault {
  return { level: 'error', message, remedy, certainty: 'seen' };
}

export function inferred(message: string, remedy: string): RehearsalFault {
  return { level: 'warning', message, remedy, certainty: 'inferred' };
}
