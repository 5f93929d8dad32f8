import { API_TABLE } from '../../../src/defender/api-table.ts';
import { createApiClient } from '../../../src/defender/client.ts';
import type { HostGate } from '../../../src/defender/host-gate.ts';
import type { Page, TokenProblem } from '../../../src/defender/source.ts';
import type { TokenSource } from '../../../src/defender/token-source.ts';
import type { SourceName } from '../../../src/domain/detection.ts';
import type { Window } from '../../../src/domain/window.ts';
import { instant } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';
import type { Loopback } from './loopback.ts';

export interface RigOptions {
  readonly baseUrl?: string;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly gate?: HostGate;
  readonly problem?: TokenProblem;
}

/** A client of one API on a loopback server: tokens `token-1`, `token-2`, ..., a new one whenever one was refused. */
export function apiRig(server: Loopback, name: SourceName, options: RigOptions = {}) {
  const { baseUrl = server.url, timeoutMs = 5000, maxBytes = 1_000_000, problem = null } = options;
  const clock = steppedClock('2026-03-01T15:00:00Z');
  const observed: unknown[] = [];
  const open: HostGate = {
    pass: () => Promise.resolve(),
    observe: (answer) => {
      observed.push(answer);
    },
  };
  const { gate = open } = options;
  let issued = 0;
  const tokens: TokenSource = {
    token: (_signal, { force = false } = {}) => {
      if (force || issued === 0) issued += 1;
      return Promise.resolve(`token-${issued}`);
    },
    problem: () => problem,
  };
  const fetcher = server.streamFetcher;
  const client = createApiClient({ api: API_TABLE[name], baseUrl, tokens, fetcher, gate, clock, timeoutMs, maxBytes });
  return { clock, client, observed };
}

export async function readAll(pages: AsyncIterable<Page>): Promise<readonly Page[]> {
  const read: Page[] = [];
  for await (const page of pages) read.push(page);
  return read;
}

/** The pages that came before the failure, and the failure; null when there was none. */
export async function readUntilFailure(pages: AsyncIterable<Page>) {
  const read: Page[] = [];
  try {
    for await (const page of pages) read.push(page);
  } catch (failure) {
    return { read, failure };
  }
  return { read, failure: null };
}

/** Two hours of 1 March 2026. */
export function aWindow(overrides: Partial<Window> = {}): Window {
  return { from: instant('2026-03-01T10:00:00Z'), to: instant('2026-03-01T12:00:00Z'), progress: null, ...overrides };
}
