import { describe, expect, it } from 'vitest';
import type { Emission } from '../../../src/domain/detection.ts';
import { readEvent } from '../../../src/domain/read-event.ts';
import { renderEvent } from '../../../src/domain/render.ts';

const EMISSION: Emission = {
  detectionId: '0123456789abcdef0123456789abcdef',
  alertId: 'da:1',
  alertIsNew: true,
  kind: 'update',
  change: 'significant',
  reason: 'update: Severity Low -> High',
  family: 'cloud-app',
  facts: { AlertId: 'da:1', AlertTitle: 'a "title"', Category: 'Impact', IncidentId: 7, MitreTechniques: ['T1', 'T2'] },
};
const PLACE = { tenantId: 'tenant-1', tenantName: 'contoso', feedSeq: 3, storedMs: 1_700_000_000_000 };

describe('an event that is read back from its text', () => {
  it('gives the same text again', () => {
    const { text } = renderEvent({ ...PLACE, emission: EMISSION });
    const { emission, tenantId, tenantName } = readEvent(text);
    expect(renderEvent({ ...PLACE, emission, tenantId, tenantName }).text).toBe(text);
  });

  it('says whose it is', () => {
    expect(readEvent(renderEvent({ ...PLACE, emission: EMISSION }).text)).toMatchObject({
      tenantId: 'tenant-1',
      tenantName: 'contoso',
      emission: { alertId: 'da:1', detectionId: EMISSION.detectionId, kind: 'update', family: 'cloud-app' },
    });
  });

  it('knows an event that is about an alert as a whole', () => {
    const folded = { ...EMISSION, detectionId: 'da:1' };
    expect(readEvent(renderEvent({ ...PLACE, emission: folded }).text).emission.alertId).toBe('da:1');
  });
});
