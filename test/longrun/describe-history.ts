import type { Case } from './verify.ts';

/** An alert's life for people: what there was, what was shown, what was stored and told. */
export function describeHistory(found: Case | null): readonly string[] {
  if (found === null) return ['nothing is known of it'];
  const { versions, detections, history, stored } = found;
  return [
    ...versions.map(
      ({ alert, visibleAtMs, change }) =>
        `made    ${alert.lastUpdateDateTime} ${change}, visible ${new Date(visibleAtMs).toISOString()}`,
    ),
    ...detections.map(({ iocUniqueId, processedAt }) => `made    detection ${iocUniqueId} ${processedAt}`),
    ...(history?.sightings ?? []).map(
      ({ atMs, trouble, snapshot: { updatedAt, digest, things } }) =>
        `shown   ${updatedAt} at ${new Date(atMs).toISOString()}, ${digest.slice(0, 6)}, ${things.length} things ${trouble}`,
    ),
    ...stored.map(
      ({ api, snapshot, detections: own, told }) =>
        `stored  ${api} ${snapshot === null ? `${own.length} detections` : `${snapshot.updatedAt} ${snapshot.digest.slice(0, 6)}`}: ` +
        told
          .map(({ kind, change, type, name, changes }) => `${kind}/${change} ${type} ${name} ${changes.join(' ')}`)
          .join(', '),
    ),
  ];
}
