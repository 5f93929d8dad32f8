import { type Static, Type } from 'typebox';
import { SIGNIFICANT_ALERT_FACTS, SIGNIFICANT_ITEM_FACTS } from '../domain/significant.ts';
import { ArcSightSchema } from './arcsight-schema.ts';
import type { FormatName } from './formats.ts';
import { OFF } from './quantity.ts';
import { CLOSED, duration, durationOrOff, name } from './schema-keys.ts';

export const FeedSchema = Type.Object(
  {
    name: name('Name of the feed in its URLs.', 'default'),
    tenants: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Names of the tenants in the feed. Without it: all of them.',
        minItems: 1,
        'x-expects': 'a list of at least one tenant name (without the key the feed takes all tenants)',
      }),
    ),
    detections: Type.Enum(['perEvidence', 'perAlert'], {
      description:
        'perEvidence: one detection for each actionable evidence item of an alert. perAlert: one for the whole alert, in which new evidence is an update.',
      default: 'perEvidence',
    }),
    changes: Type.Enum(['first', 'significant', 'all'], {
      description: `Which changes of a known alert become events: none, the significant ones (${SIGNIFICANT_ALERT_FACTS.join(', ')} of the alert; ${SIGNIFICANT_ITEM_FACTS.join(', ')} of an evidence item), all.`,
      default: 'significant',
    }),
    layout: Type.Enum(['microsoft', 'esm'], {
      description: "Where the victim goes in ArcSight: as in Microsoft's mapping, or where ESM's content expects it.",
      default: 'microsoft',
    }),
    receiptTime: Type.Enum(['feed', 'alert'], {
      description: 'deviceReceiptTime: the time the feed sent the event, or the time of the alert.',
      default: 'feed',
    }),
    arcsight: ArcSightSchema,
    page: Type.Object(
      {
        maxEvents: Type.Integer({
          description: 'Most events in one answer.',
          default: 1000,
          minimum: 1,
          maximum: 100_000,
          'x-expects': 'a whole number from 1 to 100000',
        }),
        maxBytes: Type.Unsafe<string | number>({
          description: 'Largest answer: a number of bytes, or a size such as 5MB (decimal) or 5MiB (binary).',
          default: '5MB',
          type: ['string', 'integer'],
          format: 'page-size' satisfies FormatName,
          minimum: 1,
          maximum: 1_000_000_000,
          'x-expects': 'a size such as 500KB, 5MB or 5MiB (at most 1GB)',
        }),
      },
      { ...CLOSED, description: 'How large one answer may be.', default: {} },
    ),
    acknowledge: Type.Enum(['progress', 'response', 'none'], {
      description:
        'What counts as delivered. progress: the time in the next request moved. response: a further request on the same connection, or its orderly end. none: no position is kept, each request gets what was stored after its time.',
      default: 'progress',
    }),
    legacyUpdates: Type.Boolean({
      description:
        "Whether `update` events come on the old API's path and parameter names too. Content written for that API would fire again.",
      default: false,
      'x-expects': 'true or false',
    }),
    heartbeat: durationOrOff(
      OFF,
      'How often, from 1m to 24h, the bridge puts an event of its own into the feed, for ESM to watch.',
    ),
    initialLookback: duration('24h', 'How far back a connector starts at its first contact.'),
    maxLookback: duration('7d', 'The most that a time in the request can reach back at the first contact.'),
    filter: Type.Object(
      {
        minSeverity: Type.Enum(['High', 'Medium', 'Low', 'Informational'], {
          description: 'Lowest severity that the feed takes.',
          default: 'Informational',
        }),
        categories: Type.Array(Type.String(), {
          description: 'Alert categories that the feed takes; an empty list takes all.',
          default: [],
          'x-expects': 'a list of category names',
        }),
      },
      { ...CLOSED, description: 'Which detections the feed takes.', default: {} },
    ),
  },
  CLOSED,
);

export type FeedSettings = Static<typeof FeedSchema>;
