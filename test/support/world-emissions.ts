import { normalisePayload } from '../../src/defender/map/payload.ts';
import type { Normalised } from '../../src/defender/source.ts';
import type { AlertState } from '../../src/domain/alert-state.ts';
import type { Emission, SourceName } from '../../src/domain/detection.ts';
import { takeIn } from '../../src/domain/intake.ts';
import { toDefenderEvidence } from '../../src/simulator/apis/defender-evidence.ts';
import { toDefenderRecord } from '../../src/simulator/apis/defender-record.ts';
import { toSiemRecord } from '../../src/simulator/apis/siem-record.ts';
import type { AlertVersion } from '../../src/simulator/world/alert-version.ts';
import { isEndpointAlert } from '../../src/simulator/world/endpoint-alert.ts';
import { toSiemDetections } from '../../src/simulator/world/siem-detection.ts';

/** The versions of a world as each API of Microsoft would answer them, one after the other. */
export const ANSWERS: Readonly<Record<SourceName, (versions: readonly AlertVersion[]) => readonly unknown[]>> = {
  'graph-alerts': (versions) => versions.map(({ alert }) => alert),
  'defender-alerts': (versions) =>
    versions
      .filter(({ alert }) => isEndpointAlert(alert))
      .map((version) => ({ ...toDefenderRecord(version), evidence: toDefenderEvidence(version.alert) })),
  'siem-detections': (versions) =>
    toSiemDetections(versions).map((detection) => toSiemRecord(detection, { absent: 'mixed', spelling: 'mixed' })),
};

/** The emissions of each record, as a bridge makes them that polls that API of one tenant. */
export function emissionsOf(
  source: SourceName,
  tenantId: string,
  answers: readonly unknown[],
): readonly (readonly Emission[])[] {
  const states = new Map<string, AlertState>();
  return answers.flatMap((answer) => {
    const { records, rejected }: Normalised = normalisePayload(answer);
    if (rejected.length > 0) throw new Error(`refused: ${rejected[0]?.reason ?? ''}`);
    return records.flatMap((record) => {
      const intake = takeIn(states.get(record.alertId) ?? null, record, { tenantId, source, sources: [source] });
      if (intake.outcome !== 'fresh' && intake.outcome !== 'changed') return [];
      states.set(record.alertId, intake.state);
      return [intake.emissions];
    });
  });
}
