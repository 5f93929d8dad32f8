import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { interpret } from '../../../src/connector/interpreter/interpret.ts';
import { loadParser } from '../../../src/connector/interpreter/load-parser.ts';
import { renderParserFile } from '../../../src/connector/parser-file.ts';
import { DEFAULT_CHOICES } from '../../../src/domain/arcsight-choices.ts';
import { feedSchema } from '../../../src/domain/feed-schema.ts';
import type { Layout, ReceiptTime } from '../../../src/domain/field.ts';
import { BRIDGE_TENANT, noticeEmission } from '../../../src/domain/notice.ts';
import { renderEvent } from '../../../src/domain/render.ts';

const STORED_MS = Date.parse('2026-01-01T12:00:00Z');
const HEARTBEAT = {
  kind: 'heartbeat',
  feed: 'default',
  reason: 'heartbeat every 5 min',
  title: 'FlexBridge heartbeat',
  text: 'FlexBridge is running.',
} as const;

function rendered(seq = 7, overrides: { readonly kind?: 'heartbeat' | 'test'; readonly feed?: string } = {}) {
  const emission = noticeEmission({ ...HEARTBEAT, ...overrides }, { seq, storedMs: STORED_MS });
  const { tenantId, name: tenantName } = BRIDGE_TENANT;
  return renderEvent({ emission, tenantId, tenantName, feedSeq: seq, storedMs: STORED_MS });
}

function inArcSight(layout: Layout, receiptTime: ReceiptTime) {
  const parser = renderParserFile({ feed: 'default', layout, receiptTime, choices: DEFAULT_CHOICES });
  const { definition } = loadParser(Buffer.from(parser, 'latin1'));
  return interpret(definition, `[${rendered().text},"FeedTime":${STORED_MS + 5}}]`);
}

describe('an event of the bridge itself in ArcSight', () => {
  it.each<[Layout, ReceiptTime, number]>([
    ['microsoft', 'feed', STORED_MS + 5],
    ['esm', 'feed', STORED_MS + 5],
    ['microsoft', 'alert', STORED_MS],
  ])('is whole under layout %s and receiptTime %s', (layout, receiptTime, receivedMs) => {
    const { events, warnings } = inArcSight(layout, receiptTime);
    expect(warnings).toEqual([]);
    expect(events[0]?.severity).toBe('Low');
    const { fields = {} } = events[0] ?? {};
    expect(fields).toMatchObject({
      name: 'FlexBridge heartbeat',
      message: 'FlexBridge is running.',
      reason: 'heartbeat every 5 min',
      deviceEventClassId: 'bridge:heartbeat',
      deviceEventCategory: 'Heartbeat',
      deviceSeverity: 'Informational',
      deviceFacility: 'flexbridge',
      sourceServiceName: 'FlexBridge',
      externalId: 'flexbridge-heartbeat-default',
      startTime: STORED_MS,
      endTime: STORED_MS,
      deviceReceiptTime: receivedMs,
    });
    // Nobody is a victim: a rule that looks for one must not find the bridge.
    for (const name of [
      'sourceHostName',
      'sourceUserName',
      'destinationHostName',
      'deviceExternalId',
      'sourceAddress',
    ]) {
      expect(fields).not.toHaveProperty(name);
    }
  });

  it('is what the schema of the feed promises', () => {
    const validate = new Ajv2020({ allErrors: true, strict: true }).compile(feedSchema());
    expect([validate(JSON.parse(`[${rendered().text},"FeedTime":1}]`)), validate.errors]).toEqual([true, null]);
  });

  it('has a detection id of its own each time, and keeps its id where the name of the feed is long', () => {
    const idOf = (text: string) => /"DetectionId":"([0-9a-f]{32})"/.exec(text)?.[1];
    expect(new Set([rendered(7), rendered(8), rendered(7, { kind: 'test' })].map(({ text }) => idOf(text))).size).toBe(
      3,
    );
    const { text, cuts } = rendered(7, { feed: 'f'.repeat(60) });
    expect([cuts, /"EventExternalId":"flexbridge-heartbeat-ff~[0-9a-f]{16}"/.test(text)]).toEqual([0, true]);
  });
});
