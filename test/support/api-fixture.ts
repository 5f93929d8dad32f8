import { readFileSync } from 'node:fs';
import type { SourceName } from '../../src/domain/detection.ts';

const FILES: Readonly<Record<SourceName, string>> = {
  'graph-alerts': 'graph-alerts.json',
  'defender-alerts': 'defender-alerts.json',
  'siem-detections': 'siem-detections.json',
};

/** An answer of each API about the same alert, with everything filled that the API has. */
export function apiFixture(source: SourceName): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/apis/${FILES[source]}`, import.meta.url), 'utf8'));
}
