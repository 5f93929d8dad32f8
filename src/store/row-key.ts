import { createHash } from 'node:crypto';
import { alertIdentity } from '../domain/alert-identity.ts';
import type { AlertRecord, SourceName } from '../domain/detection.ts';
import type { SetAside, SourceKey } from './detection-store.ts';

/** 16 bytes that name an alert of a tenant, whichever API calls it what: a short unique key keeps the index small. */
export function alertKey(tenantId: string, alertId: string): Buffer {
  return digest([tenantId.toLowerCase(), alertIdentity(alertId)]);
}

/**
 * The same for a record that was read before: the text that Microsoft sent, and how much a program made of it, so that
 * one which understands more of the same text is not taken for nothing new.
 */
export function sightKey(source: SourceName, { scope, lastUpdate, facts, evidence, raw }: AlertRecord): Buffer {
  let details = Object.keys(facts).length;
  for (const item of evidence) details += Object.keys(item.facts).length;
  return digest([source, scope, lastUpdate, evidence.length, details], raw);
}

/** The same for the same thing set aside again: a record by its text and the reason, a stretch by its times. */
export function setAsideKey({ tenantId, source }: SourceKey, { reason, raw, stretch }: Aside): Buffer {
  const whose = [tenantId.toLowerCase(), source];
  return stretch === null
    ? digest([...whose, reason], raw)
    : digest([...whose, stretch.from, stretch.to, stretch.index]);
}

type Aside = Pick<SetAside, 'reason' | 'raw' | 'stretch'>;

/** The text comes behind the end of the list, as it is: to print a long one again would cost more than the hash. */
function digest(parts: readonly (string | number | null)[], text = ''): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).update(text).digest().subarray(0, 16);
}
