import type { Emission, EventKind } from './detection.ts';
import { detectionId } from './digest.ts';
import { instantFromMs } from './instant.ts';

/** Kinds of event that the bridge makes by itself. */
export type NoticeKind = Extract<EventKind, 'heartbeat' | 'test'>;

/**
 * In place of a tenant: a feed may have many, and an event of the bridge's own is about none of them. The id is the nil
 * UUID, so that a reader which expects a UUID finds one; the name is what ArcSight shows as deviceFacility.
 */
export const BRIDGE_TENANT = { tenantId: '00000000-0000-0000-0000-000000000000', name: 'flexbridge' } as const;

const SEVERITY = 'Informational';
const CATEGORY = { heartbeat: 'Heartbeat', test: 'Test' } as const;

/** What an event of the bridge's own says. */
export interface NoticeText {
  readonly kind: NoticeKind;
  readonly feed: string;
  /** Goes into `reason`. */
  readonly reason: string;
  /** Goes into `name`. */
  readonly title: string;
  /** Goes into `message`. */
  readonly text: string;
}

/** The event as one of intake's would be, so that it is rendered, parsed and mapped like every other. */
export function noticeEmission(
  { kind, feed, reason, title, text }: NoticeText,
  { seq, storedMs }: { readonly seq: number; readonly storedMs: number },
): Emission {
  const alertId = `flexbridge-${kind}-${feed}`;
  return {
    // Of its own for each event: two tests are two things.
    detectionId: detectionId(BRIDGE_TENANT.tenantId, alertId, seq),
    alertId,
    alertIsNew: true,
    kind,
    change: 'first',
    reason,
    family: 'other',
    facts: {
      AlertTime: instantFromMs(storedMs),
      AlertTimeMs: storedMs,
      FirstActivityMs: storedMs,
      LastActivityMs: storedMs,
      LastUpdateMs: storedMs,
      AlertTitle: title,
      Description: text,
      Severity: SEVERITY,
      Category: CATEGORY[kind],
      Source: 'FlexBridge',
      ServiceSource: 'FlexBridge',
    },
  };
}
