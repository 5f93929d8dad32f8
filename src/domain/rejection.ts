/** Why a record of Microsoft's could not be taken; a closed list, so that it can label a metric. */
export const REJECTION_CODES = [
  'not-an-object',
  'no-id',
  'no-update-time',
  'too-deep',
  'evidence-not-a-list',
  'evidence-not-an-object',
  'no-alerts',
  /** Microsoft fails whenever it is asked for this record, or for this stretch of time. */
  'unanswered',
  /** What Microsoft sends for it is no JSON, or more than can be taken. */
  'unreadable',
] as const;
export type RejectionCode = (typeof REJECTION_CODES)[number];

/** A record, or a part of one, that is set aside with its reason; the page goes on without it. */
export interface Rejection {
  /** The alert id when it could be read. */
  readonly id: string | null;
  readonly code: RejectionCode;
  /** For people. */
  readonly reason: string;
  /** What Microsoft sent, as far as there was anything. */
  readonly raw: string;
}
