import { createHash } from 'node:crypto';
import type { Facts } from './detection.ts';

/** 32 hex digits that name a detection for good: tenant, alert, order of first sight of the item. */
export function detectionId(tenantId: string, alertId: string, ordinal: number): string {
  return sha256(JSON.stringify([tenantId.toLowerCase(), alertId, ordinal])).slice(0, 32);
}

/** ArcSight's externalId holds 40 characters (CEF dictionary): a longer alert id keeps its start and a digest. */
export function externalId(alertId: string): string {
  return alertId.length <= 40 ? alertId : `${alertId.slice(0, 23)}~${sha256(alertId).slice(0, 16)}`;
}

/** The same for the same content, whatever the order of members and of the fact sets; lists compare as sets. */
export function factsHash(sets: readonly Facts[]): string {
  const canonical = sets.map((facts) =>
    JSON.stringify(
      Object.entries(facts)
        .map(([name, value]) => [name, Array.isArray(value) ? asSet(value) : value] as const)
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );
  return sha256(canonical.toSorted().join('\n')).slice(0, 32);
}

/** 16 hex digits that are the same for the same text. */
export function textDigest(text: string): string {
  return sha256(text).slice(0, 16);
}

function asSet(list: readonly unknown[]): readonly string[] {
  return [...new Set(list.map(String))].toSorted();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
