import { type Finding, ok } from '../domain/finding.ts';
import type { SourceStatus } from '../store/detection-store.ts';
import type { Observations } from './observations.ts';

/** Rejected records are a matter for a day. */
const RECENT_MS = 86_400_000;

/** The rows of one source: its token, its polls, and what it could not read. */
export function sourceFindings(source: SeenSource, nowMs: number): readonly Finding[] {
  return [tokenRow(source), sourceRow(source, nowMs), ...recordsRow(source, nowMs)];
}

type SeenSource = Observations['sources'][number];

function subjectOf({ tenantName, key }: SeenSource): string {
  return `${tenantName}/${key.source}`;
}

/** Codes of failures to get a token start so. */
const TOKEN_CODE = 'TOKEN_';
/** Codes of answers to a request that carried a token: whatever Microsoft said, it had issued one. */
const REFUSAL_CODE = 'UPSTREAM_';

function tokenRow({ tenantName, status }: SeenSource): Finding {
  const error = status?.lastError;
  if (error?.code.startsWith(TOKEN_CODE)) return failing('token', tenantName, status);
  const accepted = status?.lastSuccessMs ?? (error?.code.startsWith(REFUSAL_CODE) ? status?.lastTryMs : null);
  if (accepted == null) {
    return {
      ...ok('token', tenantName, 'No token has been used yet.'),
      state: 'warning',
      remedy: 'Wait for the first poll; flexbridge check --online tries the credential at once.',
    };
  }
  return ok('token', tenantName, 'Microsoft accepts the credential.', accepted);
}

function sourceRow(source: SeenSource, nowMs: number): Finding {
  const { status } = source;
  const subject = subjectOf(source);
  if (status?.lastError) return failing('source.poll', subject, status);
  if (status?.lastSuccessMs == null) {
    return {
      ...ok('source.poll', subject, 'No poll of Microsoft has finished yet.'),
      state: 'warning',
      remedy: 'Wait for the first poll, or look at the log for the reason.',
    };
  }
  if (nowMs - status.lastSuccessMs > source.silentAfterMs) {
    return {
      id: 'source.poll',
      state: 'warning',
      subject,
      sinceMs: status.lastSuccessMs,
      meaning: 'No poll has finished for a while, and none has failed.',
      remedy: 'Check that the bridge is running and what its schedule says.',
    };
  }
  return ok('source.poll', subject, 'Microsoft answers.', status.lastSuccessMs);
}

function failing(id: Finding['id'], subject: string, status: SourceStatus | null): Finding {
  const error = status?.lastError;
  const acts = error?.kind === 'operator' || error?.kind === 'bug';
  return {
    id,
    state: acts ? 'failed' : 'warning',
    subject,
    sinceMs: status?.failingSinceMs ?? null,
    meaning: error?.message ?? '',
    remedy: error?.hint ?? '',
  };
}

function recordsRow(source: SeenSource, nowMs: number): readonly Finding[] {
  const { rejected, lastRejectedMs } = source.status ?? { rejected: 0, lastRejectedMs: null };
  if (rejected === 0 || lastRejectedMs === null) return [];
  const meaning = `${rejected} records from Microsoft could not be read; they are kept with their reason.`;
  const subject = subjectOf(source);
  if (nowMs - lastRejectedMs > RECENT_MS) return [ok('source.records', subject, meaning, lastRejectedMs)];
  return [
    {
      id: 'source.records',
      state: 'warning',
      subject,
      sinceMs: lastRejectedMs,
      meaning,
      remedy: 'Look for "could not be read" in the log and report the reason.',
    },
  ];
}
