import { type Static, Type } from 'typebox';
import { OFF } from './quantity.ts';
import { CLOSED, duration, durationOrOff, sizeOrOff } from './schema-keys.ts';

export const StoreSchema = Type.Object(
  {
    kind: Type.Enum(['sqlite'], {
      description: 'Where everything is kept.',
      default: 'sqlite',
      'x-later': ['postgres'],
    }),
    path: Type.String({
      description: 'SQLite database file. Its folder also holds the files that the bridge makes for itself.',
      default: 'data/flexbridge.db',
      minLength: 1,
      'x-expects': 'the path of a file',
    }),
    retention: Type.Object(
      {
        age: duration('30d', 'How long events and the original records are kept, once every connector has taken them.'),
        size: sizeOrOff(
          OFF,
          'Above this size of the database the oldest events and records go before their age, but none that a connector has not taken.',
        ),
        undelivered: duration(
          '90d',
          'How long what a connector has not taken is kept for it. It goes then, and a finding says so.',
        ),
      },
      {
        ...CLOSED,
        description: 'When stored data goes. What is needed to know an alert again stays for 400 days.',
        default: {},
      },
    ),
  },
  { ...CLOSED, description: 'The event store.', default: {}, 'x-later': ['url'] },
);

export const AlarmsSchema = Type.Object(
  {
    connectorSilent: duration('5m', 'A connector that has not asked for so long is a warning.'),
    connectorFailed: duration('15m', 'For so long: a failure.'),
    nothingDelivered: durationOrOff(
      OFF,
      'A connector that asks, but has been delivered nothing for so long, is a warning. Heartbeats count: set it to three times feeds[].heartbeat.',
    ),
    undelivered: durationOrOff('1h', 'The oldest event that waits for a connector is older than this: a warning.'),
    freeSpace: sizeOrOff('1GB', "Less free space than this on the store's disk is a warning, a tenth of it a failure."),
  },
  { ...CLOSED, description: 'From when on silence is a finding.', default: {} },
);

export type StoreSettings = Static<typeof StoreSchema>;
export type AlarmSettings = Static<typeof AlarmsSchema>;
