import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interpret } from '../../src/connector/interpreter/interpret.ts';
import { loadParser } from '../../src/connector/interpreter/load-parser.ts';
import { type BridgeRig, createBridgeRig, SECRETS } from '../support/bridge-rig.ts';

const FIXTURE = new URL('../fixtures/parser/siem-only.jsonparser.properties', import.meta.url);
const CONNECTOR = { user: 'arcsight-01', password: SECRETS.connector };
const LOOK = { user: 'ops', password: SECRETS.operator };
const SINCE = '?sinceTimeUtc=2020-01-01T00:00:00.000Z';

describe("a parser that was written for the old API, at the old API's address", () => {
  const { definition, lint } = loadParser(readFileSync(FIXTURE));
  let rig: BridgeRig;

  beforeAll(async () => {
    rig = await createBridgeRig({ backlog: 60, feed: 'legacyUpdates: true' });
    await rig.startBridge();
    await rig.seen('pollFinished');
  });
  afterAll(async () => {
    await rig.close();
  });

  it('knows no member but those of the old API, and reads without a note', () => {
    expect(lint).toEqual([]);
    expect(definition.tokens.map(({ name }) => name)).not.toContain('FeedTime');
  });

  it.each([`/api/alerts${SINCE}`, `/v1/feeds/default/api/alerts${SINCE}`])(
    'gives every event of %s a name, a severity, an id and a time',
    async (path) => {
      const asked = path.startsWith('/v1') ? LOOK : CONNECTOR;
      const { status, body } = await rig.ask(path, asked);
      expect(status).toBe(200);
      const members = JSON.parse(body) as readonly Readonly<Record<string, string>>[];
      const { events, warnings } = interpret(definition, body);
      expect(events.length).toBeGreaterThan(60);
      expect(events).toHaveLength(members.length);
      for (const [index, { fields, severity }] of events.entries()) {
        const { AlertTitle, AlertId, AlertTime = '' } = members[index] ?? {};
        expect(fields['name']).toBe(AlertTitle);
        expect(fields['name']).not.toBe('');
        expect(fields['deviceSeverity']).toMatch(/^(High|Medium|Low|Informational)$/);
        expect(severity).toMatch(/^(High|Medium|Low)$/);
        expect(AlertId).not.toBe('');
        expect(fields['externalId']).toBe(AlertId);
        expect(fields['deviceReceiptTime']).toBe(Math.floor(Date.parse(AlertTime) / 1000) * 1000);
      }
      expect(warnings).toEqual([]);
    },
  );
});
