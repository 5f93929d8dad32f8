import type { Evidence } from '../../domain/detection.ts';
import { instant, isUnknownWord, type JsonObject, object, text, texts } from '../schema.ts';
import { evidenceDetails, identifyingDetails } from './evidence-details.ts';
import { commonFacts, fileKey } from './evidence-facts.ts';
import { EVIDENCE_KINDS, type EvidenceKind } from './evidence-table.ts';
import { knownFacts } from './known-facts.ts';
import { keyPartAt } from './natural-key-part.ts';

const KINDS: ReadonlyMap<string, EvidenceKind> = new Map(EVIDENCE_KINDS.map((kind) => [kind.type, kind]));

/** One evidence object of Graph's, whatever its type; a type newer than this table is read by what it says. */
export function toEvidence(evidence: JsonObject): Evidence {
  const type = evidenceType(evidence);
  const kind = KINDS.get(type) ?? unknownKind(type);
  const deviceId = text(evidence, 'mdeDeviceId') ?? text(object(evidence, 'host') ?? {}, 'mdeDeviceId');
  const image = type === 'process' ? object(evidence, 'imageFile') : undefined;
  const roles = (texts(evidence, 'roles') ?? []).filter((role) => !isUnknownWord(role));
  const telemetry = kind.telemetry === undefined ? {} : knownFacts(kind.telemetry(evidence));
  return {
    type,
    family: kind.family,
    key: naturalKey(kind, evidence),
    ...(image !== undefined && { image: fileKey(deviceId, image) }),
    createdAt: instant(evidence, 'createdDateTime') ?? null,
    ...(deviceId !== undefined && { deviceId }),
    roles,
    facts: knownFacts({
      EvidenceType: type,
      ...commonFacts(evidence, roles),
      ...kind.facts?.(evidence),
      EvidenceDetails: kind.details === 'list' ? evidenceDetails(evidence) : undefined,
    }),
    ...(Object.keys(telemetry).length > 0 && { telemetry }),
  };
}

/** `#microsoft.graph.security.deviceEvidence` is `device`. */
function evidenceType(evidence: JsonObject): string {
  const name = (text(evidence, '@odata.type') ?? '').replace(/^.*[.#]/, '').replace(/Evidence$/, '');
  return name === '' ? 'unknown' : name;
}

function unknownKind(type: string): EvidenceKind {
  return { type, family: 'other', key: (evidence) => [identifyingDetails(evidence)], details: 'list' };
}

function naturalKey({ key }: EvidenceKind, evidence: JsonObject): readonly string[] {
  return typeof key === 'function' ? key(evidence) : key.map((path) => keyPartAt(evidence, path));
}
