import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { normaliseGraphPayload } from '../../../src/defender/map/graph-payload.ts';
import type { Emission } from '../../../src/domain/detection.ts';
import { feedSchema } from '../../../src/domain/feed-schema.ts';
import { takeIn } from '../../../src/domain/intake.ts';
import { renderEvent } from '../../../src/domain/render.ts';
import { createWorld } from '../../../src/simulator/world.ts';

const validate = new Ajv2020({ allErrors: true, strict: true }).compile(feedSchema());
const TENANT = '11111111-2222-4333-8444-555555555555';

function rendered(emissions: readonly Emission[]): readonly Record<string, unknown>[] {
  return emissions.map((emission, index) => {
    const { text } = renderEvent({
      emission,
      tenantId: TENANT,
      tenantName: 'contoso',
      feedSeq: index + 1,
      storedMs: 1,
    });
    return JSON.parse(`${text},"FeedTime":5}`) as Record<string, unknown>;
  });
}

describe("the feed's JSON Schema", () => {
  it('accepts every event made of a world of alerts, hostile texts and odd evidence included', () => {
    const startMs = Date.parse('2026-11-20T08:00:00Z');
    const world = createWorld({
      seed: 5,
      tenantIds: [TENANT],
      options: { startMs, backlog: 150, live: 0, livePeriodMs: 1000 },
    });
    const { records } = normaliseGraphPayload({ value: world.visible(TENANT, startMs) });
    const intakes = records.map((record) =>
      takeIn(null, record, { tenantId: TENANT, source: 'graph-alerts', sources: ['graph-alerts'] }),
    );
    const events = rendered(intakes.flatMap((intake) => (intake.outcome === 'fresh' ? intake.emissions : [])));
    expect(events.length).toBeGreaterThan(150);
    validate(events);
    expect(validate.errors).toBeNull();
  });

  it.each([
    ['a null', { Actor: null }],
    ['a nested value', { Actor: { name: 'x' } }],
    ['a boolean', { RemediationIsSuccess: true }],
    ['a fraction', { IncidentId: 1.5 }],
    ['a text over its ArcSight length', { AlertTitle: 'x'.repeat(513) }],
    ['a severity that the parser does not map', { Severity: 'critical' }],
    ['a member outside the catalogue', { Surprise: 'x' }],
  ])('refuses %s', (_name, member) => {
    const emission: Emission = {
      detectionId: 'd',
      alertId: 'a',
      alertIsNew: true,
      kind: 'new',
      change: 'first',
      reason: 'new',
      family: 'ip',
      facts: {},
    };
    const [event] = rendered([emission]);
    expect(validate([event])).toBe(true);
    expect(validate([{ ...event, ...member }])).toBe(false);
  });

  it('is what docs/feed.schema.json holds (npm run render)', () => {
    const file = readFileSync(new URL('../../../docs/feed.schema.json', import.meta.url), 'utf8');
    expect(file).toBe(`${JSON.stringify(feedSchema(), null, 2)}\n`);
  });
});
