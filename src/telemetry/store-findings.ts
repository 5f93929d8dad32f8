import { type Finding, ok } from '../domain/finding.ts';
import { moment, span } from '../domain/time-words.ts';
import type { Observations, SeenRetention, SeenStore } from './observations.ts';
import { counted, size } from './wording.ts';

/** Of the alarm for free space: less than this share is a failure, because a full disk is near. */
const NEARLY_FULL = 0.1;
/** How long a deletion of what nobody had taken is told. */
const TOLD_MS = 7 * 86_400_000;

/** The rows of the store: readable, writable, with room to grow, and what retention does to it. */
export function storeFindings(seen: Observations): readonly Finding[] {
  const { store, alarms, retention, nowMs } = seen;
  switch (store.kind) {
    case 'absent':
      return [ok('store', 'store', 'There is no database yet; serve makes it.')];
    case 'failed':
      return [{ ...ok('store', 'store', store.meaning), state: 'failed', remedy: store.remedy }];
    case 'read':
      return [
        storeRow(store),
        ...writableRow(store),
        spaceRow(store, alarms.freeBytes),
        ...(retention === null ? [] : retentionRows(retention, store.space.usedBytes, nowMs)),
      ];
  }
}

function storeRow({ stats: { alerts, detections, bytes } }: SeenStore): Finding {
  return ok('store', 'store', `Readable: ${alerts} alerts, ${detections} events, ${size(bytes)}.`);
}

/** Reading goes on, so it is never the row that makes the bridge unready. */
function writableRow({ unwritable }: SeenStore): readonly Finding[] {
  if (unwritable === undefined) return [];
  if (unwritable === null) return [ok('store.writable', 'store', 'The last write succeeded.')];
  const { code, message, hint, sinceMs } = unwritable;
  const meaning = `Nothing can be written: ${message}. Collection waits and the feed goes on with what is stored; nothing is lost.`;
  // Another program that holds the file lets go of it, as a rule; a full disk does not empty itself.
  const state = code === 'STORE_BUSY' ? 'warning' : 'failed';
  return [{ id: 'store.writable', state, subject: 'store', sinceMs, meaning, remedy: hint }];
}

function spaceRow({ space: { usedBytes, freeBytes } }: SeenStore, alarmBytes: number | null): Finding {
  const used = `The store uses ${size(usedBytes)}`;
  if (freeBytes === null) return ok('store.space', 'store', `${used}; how much is free cannot be told.`);
  const meaning = `${used}; ${size(freeBytes)} are free on its disk.`;
  if (alarmBytes === null || freeBytes >= alarmBytes) return ok('store.space', 'store', meaning);
  return {
    id: 'store.space',
    state: freeBytes < alarmBytes * NEARLY_FULL ? 'failed' : 'warning',
    subject: 'store',
    sinceMs: null,
    meaning: `${meaning} When that is full, collection waits.`,
    remedy:
      'Free space on the disk of the data folder, lower store.retention.age, or set store.retention.size. The threshold is alarms.freeSpace.',
  };
}

function retentionRows(seen: SeenRetention, usedBytes: number, nowMs: number): readonly Finding[] {
  const { policy, held, deleted } = seen;
  const rows = [
    ...tooLargeRow(policy.sizeBytes, usedBytes),
    ...held.map((row) => heldRow(row, policy.undeliveredMs)),
    ...deletedRow(deleted.filter(({ atMs }) => nowMs - atMs < TOLD_MS)),
  ];
  if (rows.length > 0) return rows;
  const limit = policy.sizeBytes === null ? '' : `, sooner above ${size(policy.sizeBytes)}`;
  return [
    ok('store.retention', 'store', `What is delivered goes after ${span(policy.ageMs)}${limit}; nothing is held back.`),
  ];
}

/** By so much a store may be above its size between two turns of retention. */
const ABOVE = 1.1;

function tooLargeRow(sizeBytes: number | null, usedBytes: number): readonly Finding[] {
  if (sizeBytes === null || usedBytes <= sizeBytes * ABOVE) return [];
  const meaning = `The store uses ${size(usedBytes)}, more than store.retention.size (${size(sizeBytes)}): what is left is not delivered yet, or is state that is kept longer.`;
  const remedy =
    'See that the connectors take their events (connector.poll, connector.delivery), or raise store.retention.size.';
  return [{ id: 'store.retention', state: 'warning', subject: 'store', sinceMs: null, meaning, remedy }];
}

function heldRow({ feed, connector, events, oldestMs }: SeenRetention['held'][number], undeliveredMs: number): Finding {
  return {
    id: 'store.retention',
    state: 'warning',
    subject: `${connector}/${feed}`,
    sinceMs: oldestMs,
    meaning: `${counted(events, 'event')} past store.retention.age ${events === 1 ? 'is' : 'are'} kept because this connector has not taken them, the oldest from ${moment(oldestMs)}. They go unread from ${moment(oldestMs + undeliveredMs)} on.`,
    remedy: 'Bring the connector back, or take its login out of the configuration: one that is gone holds nothing.',
  };
}

function deletedRow(deleted: SeenRetention['deleted']): readonly Finding[] {
  const [last] = deleted;
  if (last === undefined) return [];
  const events = deleted.reduce((sum, row) => sum + row.events, 0);
  const feeds = [...new Set(deleted.map(({ feed }) => feed))].join(', ');
  return [
    {
      id: 'store.retention',
      state: 'failed',
      subject: feeds,
      sinceMs: last.atMs,
      meaning: `${counted(events, 'event')} were deleted although a connector had not taken them, the last at ${moment(last.atMs)}: they were older than store.retention.undelivered.`,
      remedy:
        'Bring the connector back before more is deleted (connector.poll names it). What went can be read in the Microsoft Defender portal. This row goes seven days after the last deletion.',
    },
  ];
}
