import type { AlertRecord, Evidence } from '../../domain/detection.ts';
import type { Rejection, RejectionCode } from '../../domain/rejection.ts';
import { isObject, type JsonObject, list, text } from '../schema.ts';
import type { Normalised } from '../source.ts';
import { outlineText, rawText } from './raw-text.ts';

/** What one alert became: a record with what had to be left out of it, or nothing but a rejection. */
export interface MappedAlert {
  readonly record: AlertRecord | null;
  readonly rejected: readonly Rejection[];
}

/** An alert that can be taken further: it is an object, has an id and can be written as text again. */
export interface ReadableAlert {
  readonly alert: JsonObject;
  readonly alertId: string;
  readonly raw: string;
}

/** Looks at what every alert needs before anything of it is used; a rejection where it is missing. */
export function openAlert(json: unknown): ReadableAlert | Rejection {
  const raw = rawText(json);
  if (raw === null) {
    const reason = 'the alert is nested too deep';
    return { id: isObject(json) ? (text(json, 'id') ?? null) : null, code: 'too-deep', reason, raw: outlineText(json) };
  }
  if (!isObject(json)) return { id: null, code: 'not-an-object', reason: 'the alert is not an object', raw };
  const alertId = text(json, 'id');
  if (alertId === undefined) return { id: null, code: 'no-id', reason: 'the alert has no id', raw };
  return { alert: json, alertId, raw };
}

export function refused(id: string | null, code: RejectionCode, reason: string, raw: string): MappedAlert {
  return { record: null, rejected: [{ id, code, reason, raw }] };
}

/** Evidence that cannot be read is set aside under the alert's id; the alert itself stays. */
export function readEvidence({ alert, alertId }: ReadableAlert, read: (evidence: JsonObject) => Evidence) {
  const evidence: Evidence[] = [];
  const rejected: Rejection[] = [];
  const refuse = (code: RejectionCode, reason: string, piece: unknown) =>
    rejected.push({ id: alertId, code, reason, raw: JSON.stringify(piece) });
  const { evidence: sent } = alert;
  if (sent !== undefined && sent !== null && !Array.isArray(sent)) {
    refuse('evidence-not-a-list', 'evidence is not a list', sent);
  }
  for (const [index, item] of (list(alert, 'evidence') ?? []).entries()) {
    if (isObject(item)) evidence.push(read(item));
    else refuse('evidence-not-an-object', `evidence ${index} is not an object`, item);
  }
  return { evidence, rejected };
}

export function together(parts: readonly Normalised[]): Normalised {
  return {
    records: parts.flatMap(({ records }) => records),
    rejected: parts.flatMap(({ rejected }) => rejected),
  };
}

export function normalised(mapped: readonly MappedAlert[]): Normalised {
  return {
    records: mapped.flatMap(({ record }) => record ?? []),
    rejected: mapped.flatMap(({ rejected }) => rejected),
  };
}
