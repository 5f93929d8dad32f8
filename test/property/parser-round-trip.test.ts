import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCef } from '../../src/connector/interpreter/cef.ts';
import { CEF_FIELDS } from '../../src/connector/interpreter/cef-dictionary.ts';
import { type ArcSightEvent, interpret } from '../../src/connector/interpreter/interpret.ts';
import { loadParser } from '../../src/connector/interpreter/load-parser.ts';
import { renderParserFile } from '../../src/connector/parser-file.ts';
import { DEFAULT_CHOICES } from '../../src/domain/arcsight-choices.ts';
import type { SourceName } from '../../src/domain/detection.ts';
import type { Layout } from '../../src/domain/field.ts';
import { renderEvent } from '../../src/domain/render.ts';
import { asKept, placesOf } from '../support/arcsight-expectation.ts';
import { readCef } from '../support/cef-reader.ts';
import { hostileText } from '../support/hostile-text.ts';
import { emissionsOf } from '../support/world-emissions.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const STORED_MS = Date.parse('2026-03-01T12:00:00Z');
const RUNS = { seed: 20_260_301, numRuns: 100 };

/** Members of the feed that Microsoft fills with any text. */
const MEMBERS = [
  'AlertTitle',
  'Description',
  'Category',
  'Source',
  'ThreatName',
  'Actor',
  'LinkToWDATP',
  'CommandLine',
  'FileName',
  'Sha1',
  'Sha256',
  'Md5',
  'UserName',
  'UserDomain',
  'MachineName',
  'MachineDomain',
  'MachineGroup',
] as const;
type Texts = Readonly<Record<(typeof MEMBERS)[number], string>>;

const texts: fc.Arbitrary<Texts> = fc.record({
  AlertTitle: hostileText,
  Description: hostileText,
  Category: hostileText,
  Source: hostileText,
  ThreatName: hostileText,
  Actor: hostileText,
  LinkToWDATP: hostileText,
  CommandLine: hostileText,
  FileName: hostileText,
  Sha1: hostileText,
  Sha256: hostileText,
  Md5: hostileText,
  UserName: hostileText,
  UserDomain: hostileText,
  MachineName: hostileText,
  MachineDomain: hostileText,
  MachineGroup: hostileText,
});

function graphAlert(given: Texts): unknown {
  return {
    id: 'da1_1',
    createdDateTime: '2026-03-01T11:00:00Z',
    lastUpdateDateTime: '2026-03-01T11:30:00Z',
    lastActivityDateTime: '2026-03-01T11:10:00Z',
    severity: 'high',
    title: given.AlertTitle,
    description: given.Description,
    category: given.Category,
    detectionSource: given.Source,
    threatDisplayName: given.ThreatName,
    actorDisplayName: given.Actor,
    alertWebUrl: given.LinkToWDATP,
    evidence: [
      {
        '@odata.type': '#microsoft.graph.security.processEvidence',
        createdDateTime: '2026-03-01T11:01:00Z',
        mdeDeviceId: 'dev-1',
        processId: 42,
        processCommandLine: given.CommandLine,
        imageFile: { fileName: given.FileName, sha1: given.Sha1, sha256: given.Sha256, md5: given.Md5 },
        userAccount: { accountName: given.UserName, domainName: given.UserDomain },
      },
      {
        '@odata.type': '#microsoft.graph.security.deviceEvidence',
        createdDateTime: '2026-03-01T11:01:00Z',
        mdeDeviceId: 'dev-1',
        hostName: given.MachineName,
        dnsDomain: given.MachineDomain,
        rbacGroupName: given.MachineGroup,
      },
    ],
  };
}

function siemDetection(given: Texts): unknown {
  return {
    ...given,
    AlertId: 'da1_1',
    FullId: 'da1_1:x',
    AlertTime: '2026-03-01T11:00:00Z',
    LastProcessedTimeUtc: '2026-03-01T11:30:00Z',
    Severity: 'High',
  };
}

const PAYLOADS = [
  ['graph-alerts', graphAlert],
  ['siem-detections', siemDetection],
] as const satisfies readonly (readonly [SourceName, (given: Texts) => unknown])[];

const PARSERS = { microsoft: parserOf('microsoft'), esm: parserOf('esm') };

function parserOf(layout: Layout) {
  const file = renderParserFile({ feed: 'default', layout, receiptTime: 'feed', choices: DEFAULT_CHOICES });
  return loadParser(Buffer.from(file, 'latin1')).definition;
}

function inArcSight(source: SourceName, payload: unknown, layout: Layout) {
  const sent: unknown = JSON.parse(JSON.stringify(payload));
  const feed = emissionsOf(source, TENANT, [sent])
    .flat()
    .filter(({ change }) => change !== 'admitted')
    .map((emission, index) => {
      const about = { tenantId: TENANT, tenantName: 'contoso', feedSeq: index + 1, storedMs: STORED_MS };
      return `${renderEvent({ emission, ...about }).text},"FeedTime":${STORED_MS}}`;
    });
  return interpret(PARSERS[layout], `[${feed.join(',')}]`);
}

/** As Microsoft's answers mean it: an empty text and the word null are no value. */
function isValue(text: string): boolean {
  return text !== '' && text !== 'null';
}

describe.each(PAYLOADS)('a text of %s', (source, payload) => {
  it.each(['microsoft', 'esm'] as const)(
    'reaches ArcSight as it was, to the end of its field (layout %s)',
    (layout) => {
      const places = placesOf(layout);
      fc.assert(
        fc.property(texts, (given) => {
          const { events, warnings } = inArcSight(source, payload(given), layout);
          expect(warnings).toEqual([]);
          expect(events).toHaveLength(1);
          const { fields = {}, additionalData = {} } = events[0] ?? {};
          for (const name of MEMBERS) {
            const field = places[name];
            const kept = field === undefined ? additionalData[name] : fields[field];
            const limited = field === undefined ? asKept(given[name], 'message') : asKept(given[name], field);
            expect([name, kept]).toEqual([name, isValue(given[name]) ? limited : undefined]);
          }
        }),
        RUNS,
      );
    },
  );
});

/** As a terminal is spared it: what the line shows of characters that hide, turn or end a line. */
const HIDDEN = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const shown = (text: string) =>
  text.replace(HIDDEN, (char) =>
    char === '\n' || char === '\r' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
const headerShown = (text: string) => shown(text.replaceAll(/\r\n|[\r\n]/g, ' '));

describe('a CEF line', () => {
  const text = hostileText.map((value) => value.slice(0, 2000));
  const keys = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,12}$/);
  const event: fc.Arbitrary<ArcSightEvent> = fc.record({
    fields: fc.record({
      deviceVendor: text,
      deviceProduct: text,
      deviceVersion: text,
      deviceEventClassId: text,
      name: text,
      message: text,
      requestUrl: text,
      filePath: text,
      deviceCustomString3: text,
      deviceCustomString3Label: text,
      endTime: fc.nat(),
      flexNumber1: fc.integer(),
    }),
    severity: fc.constantFrom('Low', 'Medium', 'High', 'Very-High', 'Unknown'),
    additionalData: fc.dictionary(keys, text, { maxKeys: 4 }),
  });

  it('says the same to a reader that knows the escaping rules alone', () => {
    fc.assert(
      fc.property(event, (one) => {
        const { header, extension } = readCef(toCef(one));
        const { deviceVendor, deviceProduct, deviceVersion, deviceEventClassId, name, ...others } = one.fields;
        const words = [deviceVendor, deviceProduct, deviceVersion, deviceEventClassId, name];
        expect(header).toEqual([...words.map((word) => headerShown(String(word))), one.severity]);
        const values = Object.entries(others).map(([field, value]) => [CEF_FIELDS.get(field)?.cefKey, value] as const);
        const additional = Object.entries(one.additionalData).map(([key, value]) => [`ad.${key}`, value] as const);
        const expected = [...values.filter(([, value]) => value !== ''), ...additional, ['_cefVer', '0.1'] as const];
        expect(Object.fromEntries(extension)).toEqual(
          Object.fromEntries(expected.map(([key, value]) => [key, shown(String(value))])),
        );
      }),
      RUNS,
    );
  });

  it('says the same of an alert full of hostile text, from Microsoft to the receiver', () => {
    fc.assert(
      fc.property(texts, (given) => {
        const [one] = inArcSight('graph-alerts', graphAlert(given), 'microsoft').events;
        if (one === undefined) throw new Error('no event');
        const { header, extension } = readCef(toCef(one));
        expect(header[4]).toBe(isValue(given.AlertTitle) ? headerShown(asKept(given.AlertTitle, 'name')) : '');
        const command = isValue(given.CommandLine)
          ? shown(asKept(given.CommandLine, 'deviceCustomString3'))
          : undefined;
        expect(extension.get('cs3')).toBe(command);
        expect(extension.get('end')).toBe(String(Date.parse('2026-03-01T11:10:00Z')));
      }),
      RUNS,
    );
  });
});
