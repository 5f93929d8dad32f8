import { parseInstant } from '../../../src/domain/instant.ts';
import { TENANT } from '../rig.ts';
import type { Life } from './life.ts';
import type { StoreState } from './store-state.ts';
import type { Call } from './tracer.ts';

/** What a life came to. Events are counted. */
export interface Verdict {
  readonly calls: readonly Call[];
  readonly killed: boolean;
  readonly lost: number;
  /** Detections announced as new more than once. */
  readonly twice: number;
  readonly repeats: number;
  /** Empty when everything holds. */
  readonly problems: readonly string[];
}

/** Truth, store and what the connector processed, compared. */
export function judgeLife(life: Life): Verdict {
  const { calls, killed, end, problems } = life;
  const { processed } = life.party.account;
  const lost = [...end.events.keys()].filter((seq) => !processed.has(seq));
  const repeated = [...processed].filter(([, times]) => times > 1).map(([seq]) => seq);
  const missing = notStored(life);
  const twice = announcedTwice(life);
  return {
    calls,
    killed,
    lost: lost.length + missing.length,
    twice: twice.length,
    repeats: repeated.length,
    problems: [
      ...problems,
      ...some(lost, 'not processed'),
      ...some(missing, 'not stored as Microsoft shows it'),
      ...some(twice, 'announced twice'),
      ...some(
        repeated.filter((seq) => !life.inFlight.includes(seq)),
        'came again without having been in flight',
      ),
      ...some(changed(life), 'is another detection than before'),
      ...(life.party.account.outOfOrder > 0 ? [`${life.party.account.outOfOrder} events out of order`] : []),
      ...ofLeft(life),
      ...ofEnd(life),
    ],
  };
}

/** As the killed process left it: nothing counts as delivered that is not processed, nothing as read that is not stored. */
function ofLeft(life: Life): readonly string[] {
  const { left, processedTo } = life;
  if (left === null) return [];
  const acknowledged = left.position?.acknowledged ?? 0;
  return [
    ...(left.integrity === 'ok' ? [] : [`the database was left damaged: ${left.integrity}`]),
    ...(acknowledged <= processedTo ? [] : [`${acknowledged} was acknowledged, ${processedTo} processed`]),
    ...some(aheadOfStore(life, left), `not stored though the checkpoint is at ${left.watermark ?? ''}`),
  ];
}

function ofEnd({ end }: Life): readonly string[] {
  const last = Math.max(0, ...end.events.keys());
  const { position } = end;
  const isSane =
    position !== null && position.acknowledged === last && position.page_from === null && position.page_to === null;
  return [
    ...(end.integrity === 'ok' ? [] : [`the database is damaged: ${end.integrity}`]),
    ...(isSane ? [] : [`the position at the end, of ${last} events: ${JSON.stringify(position)}`]),
  ];
}

/** Alerts that Microsoft shows and that are not stored in their latest form. */
function notStored({ rig, truthMs, end }: Life): readonly string[] {
  return rig.simulator.world
    .visibleVersions(TENANT, truthMs)
    .filter(({ alert, updatedAt }) => parseInstant(end.alerts.get(alert.id) ?? '') !== updatedAt)
    .map(({ alert }) => alert.id);
}

/** Alerts of the backlog, which was there before the first poll, that the checkpoint says are stored. */
function aheadOfStore({ rig, bornMs }: Life, { watermark, alerts }: StoreState): readonly string[] {
  return rig.simulator.world
    .visibleVersions(TENANT, bornMs)
    .filter(({ alert, updatedAt }) => updatedAt !== null && updatedAt < (watermark ?? '') && !alerts.has(alert.id))
    .map(({ alert }) => alert.id);
}

function announcedTwice({ end }: Life): readonly string[] {
  const seen = new Set<string>();
  return end.announced.filter((detection) => seen.size === seen.add(detection).size);
}

/** Events that came with two detections, or with another one than the store has. */
function changed({ party, end }: Life): readonly number[] {
  return [...party.account.detections]
    .filter(([seq, detections]) => [...detections].some((detection) => detection !== end.events.get(seq)))
    .map(([seq]) => seq);
}

function some(items: readonly (number | string)[], what: string): readonly string[] {
  return items.length === 0 ? [] : [`${items.length} ${what}: ${items.slice(0, 5).join(', ')}`];
}
