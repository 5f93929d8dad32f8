import { byState, type Finding, ok } from '../domain/finding.ts';
import { instantToMs } from '../domain/instant.ts';
import type { SourceStatus } from '../store/detection-store.ts';
import type { SeenSource } from './observations.ts';

/** Events that are later than this are worth a word, whatever the reason. */
const BEHIND_MS = 15 * 60_000;

/** The rows of one source: its token's claims, its polls, how far behind it is, and what was set aside. */
export function sourceFindings(source: SeenSource, nowMs: number): readonly Finding[] {
  return [
    ...claimsRow(source),
    sourceRow(source, nowMs),
    ...backlogRow(source),
    ...rescanRow(source),
    ...quarantineRow(source),
  ];
}

function subjectOf({ tenantName, key }: SeenSource): string {
  return `${tenantName}/${key.source}`;
}

/** Codes of failures to get a token start so; the second is a file with a secret or a certificate. */
const TOKEN_CODES = ['TOKEN_', 'CREDENTIAL_'];
/** Codes of answers to a request that carried a token: whatever Microsoft said, it had issued one. */
const REFUSAL_CODE = 'UPSTREAM_';

/** One row for each tenant: its sources sign in with one credential, and the worst of them is told. */
export function tokenFindings(sources: readonly SeenSource[]): readonly Finding[] {
  const tenants = [...new Set(sources.map(({ tenantName }) => tenantName))];
  return tenants.flatMap((tenant) => {
    const rows = sources.filter(({ tenantName }) => tenantName === tenant).map(tokenRow);
    return byState(rows).slice(0, 1);
  });
}

function tokenRow({ tenantName, status }: SeenSource): Finding {
  const error = status?.lastError;
  if (TOKEN_CODES.some((start) => error?.code.startsWith(start))) return failing('token', tenantName, status);
  const accepted = status?.lastSuccessMs ?? (error?.code.startsWith(REFUSAL_CODE) ? status?.lastTryMs : null);
  if (accepted == null && error != null) {
    return {
      ...ok('token', tenantName, 'No token has been used yet: no poll has got so far.'),
      state: 'warning',
      remedy: 'See source.poll of this tenant: that failure comes first.',
    };
  }
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

function failing(
  id: Finding['id'],
  subject: string,
  status: Pick<SourceStatus, 'lastError' | 'failingSinceMs' | 'nextTryMs'> | null,
): Finding {
  const error = status?.lastError;
  const acts = error?.kind === 'operator' || error?.kind === 'bug';
  return {
    id,
    state: acts ? 'failed' : 'warning',
    subject,
    sinceMs: status?.failingSinceMs ?? null,
    meaning: asSentence(error?.message ?? '') + nextTry(status),
    remedy: error?.hint ?? '',
  };
}

/** Microsoft's own words may stand at its end. */
function asSentence(message: string): string {
  return /[\p{L}\p{N}\p{Pe}]$/u.test(message) ? `${message}.` : message;
}

/** A person reads it on a screen that may be minutes old: a time, not a distance. */
function nextTry(status: Pick<SourceStatus, 'nextTryMs'> | null): string {
  if (status?.nextTryMs == null) return '';
  return ` Next try at ${new Date(status.nextTryMs).toISOString().slice(11, 19)}Z.`;
}

/** Named before Microsoft refuses it; a source that works in spite of it is warned about only. */
function claimsRow(source: SeenSource): readonly Finding[] {
  const problem = source.status?.tokenProblem;
  if (problem == null) return [];
  return [
    {
      id: 'token.claims',
      state: source.status?.lastError === null && source.status.lastSuccessMs !== null ? 'warning' : 'failed',
      subject: subjectOf(source),
      sinceMs: null,
      meaning: problem.meaning,
      remedy: problem.remedy,
    },
  ];
}

/** A first start, or an outage of days, is read in slices: events are late until it has caught up. */
function backlogRow(source: SeenSource): readonly Finding[] {
  const catching = source.status?.catchingUp;
  if (catching == null) return [];
  const [from, reached, target] = [catching.from, catching.reached, catching.target].map(instantToMs);
  if (from === undefined || reached === undefined || target === undefined) return [];
  const percent = target > from ? Math.floor((100 * (reached - from)) / (target - from)) : 100;
  const meaning = `Catching up: everything up to ${catching.reached.slice(0, 19)}Z is read, ${percent} % of the way.`;
  const subject = subjectOf(source);
  if (target - reached < BEHIND_MS) return [ok('source.backlog', subject, meaning)];
  return [
    {
      id: 'source.backlog',
      state: 'warning',
      subject,
      sinceMs: null,
      meaning,
      remedy: 'Nothing to do: it goes on by itself. If it gets no further, look at source.poll of the same source.',
    },
  ];
}

/** The main line does not wait for it, so a warning is enough whatever the reason; one that lasts hits that line too. */
function rescanRow(source: SeenSource): readonly Finding[] {
  const trouble = source.status?.rescan;
  if (trouble == null) return [];
  const row = failing('source.rescan', subjectOf(source), trouble);
  const meaning = `The wide look back fails, so what Microsoft shows hours late is still missing: ${row.meaning}`;
  return [{ ...row, state: 'warning', meaning }];
}

function quarantineRow(source: SeenSource): readonly Finding[] {
  const { quarantine } = source;
  if (quarantine === null) return [];
  const { entries, stretches, oldestMs } = quarantine;
  const records = entries - stretches;
  const parts = [
    ...(records > 0 ? [`${records} ${records === 1 ? 'record' : 'records'} from Microsoft could not be read`] : []),
    ...(stretches > 0
      ? [`Microsoft does not answer for ${stretches} ${stretches === 1 ? 'record or moment' : 'records or moments'}`]
      : []),
  ];
  return [
    {
      id: 'source.records',
      state: 'warning',
      subject: subjectOf(source),
      sinceMs: oldestMs,
      meaning: `${parts.join('; ')}. Collection goes on; what is set aside is tried again by itself.`,
      remedy: 'See them with flexbridge quarantine list, try them at once with flexbridge quarantine retry --all.',
    },
  ];
}
