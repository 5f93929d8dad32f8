/** One row of the table of findings: the only form in which health is reported. */
export interface Finding {
  /** Stable id of the check, for example `source.poll`. */
  readonly id: FindingId;
  readonly state: FindingState;
  /** What it is about, for example `contoso/graph-alerts`. */
  readonly subject: string;
  /** Since when it has been so, epoch ms; null when that is not kept. */
  readonly sinceMs: number | null;
  /** What it means, one sentence. */
  readonly meaning: string;
  /** What to do; empty when there is nothing to do. */
  readonly remedy: string;
}

export type FindingState = 'ok' | 'warning' | 'failed';
export type FindingId =
  | 'config'
  | 'config.secrets'
  | 'config.reload'
  | 'server.port'
  | 'clock'
  | 'dns'
  | 'proxy'
  | 'tls'
  | 'api'
  | 'token'
  | 'token.claims'
  | 'cloud'
  | 'source.poll'
  | 'source.backlog'
  | 'source.rescan'
  | 'source.records'
  | 'store'
  | 'store.writable'
  | 'store.space'
  | 'store.retention'
  | 'feed'
  | 'feed.heartbeat'
  | 'feed.arcsight'
  | 'connector.poll'
  | 'connector.delivery'
  | 'connector.time'
  | 'connector.parties'
  | 'connector.passed-over'
  | 'connector.position'
  | 'connector.login'
  | 'pack'
  | 'server.reach'
  | 'certificate'
  | 'credential.expiry'
  | 'credentials.initial'
  | 'instance';

/** A row that asks for nothing. */
export function ok(id: FindingId, subject: string, meaning: string, sinceMs: number | null = null): Finding {
  return { id, state: 'ok', subject, sinceMs, meaning, remedy: '' };
}

const RANK: Readonly<Record<FindingState, number>> = { failed: 0, warning: 1, ok: 2 };

/** The worst state of a table; `ok` for an empty one. */
export function worstState(findings: readonly Finding[]): FindingState {
  return findings.reduce<FindingState>((worst, { state }) => (RANK[state] < RANK[worst] ? state : worst), 'ok');
}

/** Worst first, otherwise in the order given. */
export function byState(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => RANK[a.state] - RANK[b.state]);
}
