import { describe, expect, it } from 'vitest';
import { type ArcSightEvent, interpret } from '../../src/connector/interpreter/interpret.ts';
import { loadParser } from '../../src/connector/interpreter/load-parser.ts';
import { renderParserFile } from '../../src/connector/parser-file.ts';
import { DEFAULT_CHOICES } from '../../src/domain/arcsight-choices.ts';
import type { Emission, FactValue, SourceName } from '../../src/domain/detection.ts';
import { type FeedRules, forFeed } from '../../src/domain/feed-rules.ts';
import type { Layout, ReceiptTime } from '../../src/domain/field.ts';
import { renderEvent } from '../../src/domain/render.ts';
import { HOSTILE_TITLES } from '../../src/simulator/world/hostile-text-table.ts';
import { SCENARIOS } from '../../src/simulator/world/scenario-table.ts';
import { createWorld } from '../../src/simulator/world.ts';
import { asKept, expectedEvent, type FeedMembers, placesOf } from '../support/arcsight-expectation.ts';
import { ANSWERS, emissionsOf } from '../support/world-emissions.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const START_MS = Date.parse('2026-03-01T12:00:00Z');
const STORED_MS = START_MS + 86_400_000;
const world = createWorld({
  seed: 11,
  tenantIds: [TENANT],
  options: { startMs: START_MS, backlog: 220, live: 40, livePeriodMs: 60_000, flips: 0.1 },
});
const versions = world.versions(TENANT);

const SOURCES = ['graph-alerts', 'defender-alerts', 'siem-detections'] as const satisfies readonly SourceName[];
const SHAPES = ['perEvidence', 'perAlert'] as const;
const SETTINGS: readonly (readonly [Layout, ReceiptTime])[] = [
  ['microsoft', 'feed'],
  ['microsoft', 'alert'],
  ['esm', 'feed'],
  ['esm', 'alert'],
];
/** Without one of these an event is of no use in ArcSight. */
const REQUIRED = [
  'name',
  'deviceSeverity',
  'deviceEventClassId',
  'externalId',
  'deviceReceiptTime',
  'endTime',
  'reason',
];

interface Told {
  readonly emission: Emission;
  readonly text: string;
  readonly cuts: number;
}

function feedOf(source: SourceName, detections: FeedRules['detections']): readonly Told[] {
  const rules: FeedRules = {
    name: 'default',
    tenantIds: new Set([TENANT]),
    detections,
    changes: 'all',
    layout: 'microsoft',
    receiptTime: 'feed',
    arcsight: DEFAULT_CHOICES,
    minSeverity: 'UnSpecified',
    categories: new Set(),
    initialLookbackMs: 0,
  };
  const intakes = emissionsOf(source, TENANT, ANSWERS[source](versions));
  return intakes
    .flatMap((emissions) => forFeed(rules, TENANT, emissions).events)
    .map((emission, index) => {
      const about = { tenantId: TENANT, tenantName: 'contoso', feedSeq: index + 1, storedMs: STORED_MS };
      const { text, cuts } = renderEvent({ emission, ...about });
      return { emission, text: `${text},"FeedTime":${STORED_MS + index}}`, cuts };
    });
}

function parse(feed: readonly Told[], layout: Layout, receiptTime: ReceiptTime) {
  const file = renderParserFile({ feed: 'default', layout, receiptTime, choices: DEFAULT_CHOICES });
  const { definition, lint } = loadParser(Buffer.from(file, 'latin1'));
  expect(lint).toEqual([]);
  return interpret(definition, `[${feed.map(({ text }) => text).join(',')}]`);
}

function membersOf({ text }: Told): FeedMembers {
  return JSON.parse(text) as FeedMembers;
}

function wholeText(value: FactValue): string {
  return (Array.isArray(value) ? value.join('; ') : String(value)).toWellFormed();
}

describe.each(SOURCES)('every event that the simulated Microsoft can make, by %s', (source) => {
  describe.each(SHAPES)('%s', (detections) => {
    const feed = feedOf(source, detections);

    it('has every fact whole, or cut where its ArcSight field ends', () => {
      const places = placesOf('microsoft');
      for (const told of feed) {
        const members = membersOf(told);
        const wholes = Object.entries(told.emission.facts).map(([name, value]) => [name, wholeText(value)] as const);
        const cut = wholes.filter(([name, whole]) => whole !== '' && String(members[name]) !== whole);
        expect(cut).toHaveLength(told.cuts);
        for (const [name, whole] of cut) {
          const kept = String(members[name]);
          const field = places[name];
          if (field === undefined) expect([whole.startsWith(kept), kept.length > 60]).toEqual([true, true]);
          else expect(kept).toBe(asKept(whole, field));
        }
      }
    });

    it.each(SETTINGS)(
      'goes through the parser of layout %s and receiptTime %s, value for value',
      (layout, receiptTime) => {
        const { events, warnings } = parse(feed, layout, receiptTime);
        expect(warnings).toEqual([]);
        expect(events).toHaveLength(feed.length);
        for (const [index, { fields, severity, additionalData }] of events.entries()) {
          const told = feed[index];
          const expected = told === undefined ? {} : expectedEvent(membersOf(told), layout, receiptTime);
          expect({ fields, additionalData }).toEqual(expected);
          expect(REQUIRED.filter((name) => (fields[name] ?? '') === '')).toEqual([]);
          expect(severity).not.toBe('Unknown');
        }
      },
    );
  });
});

describe('the world that was told', () => {
  const feed = feedOf('graph-alerts', 'perEvidence');
  const names = (events: readonly ArcSightEvent[]) => new Set(events.map(({ fields }) => fields['name']));

  it('had every scenario, every hostile text, every kind of event and a value too long in it', () => {
    const { events } = parse(feed, 'microsoft', 'feed');
    const seen = names(events);
    expect(SCENARIOS.filter(({ title }) => !seen.has(title)).map(({ title }) => title)).toEqual([]);
    expect(HOSTILE_TITLES.filter((title) => !seen.has(title))).toEqual([]);
    expect([...new Set(feed.map(({ emission }) => emission.kind))].toSorted()).toEqual(['new', 'overflow', 'update']);
    expect(feed.some(({ cuts }) => cuts > 0)).toBe(true);
  });
});
