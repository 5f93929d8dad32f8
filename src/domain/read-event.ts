import type { Emission, EventKind, FactValue } from './detection.ts';
import { EVIDENCE_FAMILIES } from './event-class.ts';
import type { Field } from './field.ts';
import { FIELDS } from './fields.ts';

/** An event of the feed as it was made of an emission; what was cut or joined then stays so. */
export interface ReadEvent {
  readonly emission: Emission;
  readonly tenantId: string;
  readonly tenantName: string;
}

const ROWS: readonly Field[] = FIELDS;
const KINDS: readonly EventKind[] = ['new', 'update', 'overflow', 'replay', 'heartbeat', 'test'];

/** Reads an event back from the text that `renderEvent` made of it. */
export function readEvent(text: string): ReadEvent {
  const members = new Map<string, unknown>(Object.entries(JSON.parse(`${text}}`) as Record<string, unknown>));
  const word = (name: string): string => {
    const value = members.get(name);
    return typeof value === 'string' ? value : '';
  };
  const facts: Record<string, FactValue> = {};
  for (const { name, of } of ROWS) {
    const value = members.get(name);
    if (of !== 'event' && (typeof value === 'string' || typeof value === 'number')) facts[name] = value;
  }
  const [, family] = word('EventClassId').split(':');
  const detectionId = word('DetectionId');
  return {
    emission: {
      detectionId,
      // `AlertId:DetectionId`, whatever the alert's own details say.
      alertId: word('FullId').slice(0, -(detectionId.length + 1)),
      alertIsNew: false,
      kind: KINDS.find((kind) => kind === word('EventKind')) ?? 'new',
      change: 'other',
      reason: word('EventReason'),
      family: EVIDENCE_FAMILIES.find((name) => name === family) ?? 'other',
      facts,
    },
    tenantId: word('TenantId'),
    tenantName: word('TenantName'),
  };
}
