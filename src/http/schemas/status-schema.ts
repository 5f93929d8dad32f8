const STATE = { enum: ['ok', 'warning', 'failed'] };
const TEXT = { type: 'string' };
const COUNT = { type: 'integer', minimum: 0 };

function moment(description: string) {
  return { type: ['integer', 'null'], description: `${description} Epoch ms; null: never, or not known.` };
}

/** An object that has all of these members and no other. */
function exactly(properties: Readonly<Record<string, object>>, description?: string) {
  const words = description === undefined ? {} : { description };
  return { ...words, type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

export const FINDING = exactly({
  id: { ...TEXT, pattern: '^[a-z]+([.-][a-z]+)*$', description: 'Stable id of the check.' },
  state: STATE,
  subject: { ...TEXT, description: 'What it is about, for example contoso/graph-alerts.' },
  sinceMs: { type: ['integer', 'null'], description: 'Since when, epoch ms; null when that is not kept.' },
  meaning: { ...TEXT, minLength: 1 },
  remedy: { ...TEXT, description: 'What to do; empty when there is nothing to do.' },
});

const SOURCE = exactly({
  tenant: TEXT,
  source: TEXT,
  lastSuccessMs: moment('When a poll succeeded last.'),
  lastTryMs: moment('When it was polled last.'),
  failures: { ...COUNT, description: 'Failed polls since the last success.' },
  state: { enum: ['starting', 'running', 'degraded', 'failed'] },
  nextTryMs: moment('While it waits after a failure: when it is tried again.'),
  watermarkMs: moment('Everything updated at Microsoft before it has been read.'),
  catchingUp: {
    ...exactly(
      {
        reachedMs: { type: 'integer', description: 'Up to where it has read.' },
        targetMs: { type: 'integer', description: 'How far it has to read.' },
      },
      "While it is behind, by Microsoft's update times in epoch ms; null otherwise.",
    ),
    type: ['object', 'null'],
  },
  setAside: { ...COUNT, description: 'Records and stretches of time that are set aside.' },
});

const FEED = exactly({
  feed: TEXT,
  lastSeq: { ...COUNT, description: 'FeedSeq of the newest event.' },
  lastEventMs: moment('When it was stored.'),
});

const CONNECTOR = exactly({
  connector: TEXT,
  feed: TEXT,
  lastPollMs: moment('When it asked last.'),
  lastDeliveredMs: moment('When it acknowledged something last.'),
  backlog: {
    type: ['integer', 'null'],
    minimum: 0,
    description: 'Events that wait for its acknowledgement; null before its first poll.',
  },
  backlogIsExact: { type: 'boolean', description: 'False: of a long backlog, at most so many.' },
  oldestWaitingMs: moment('When the oldest of them was stored.'),
  time: { type: ['string', 'null'], description: 'What the time in its requests means; null before its first poll.' },
  guarantee: {
    enum: ['at-least-once', 'up-to-receipt', 'by-its-time', null],
    description: 'What that guarantees (docs/delivery.md).',
  },
});

export const STATUS = exactly({
  version: TEXT,
  state: { ...STATE, description: 'The worst state of the findings.' },
  atMs: { type: 'integer', description: 'When it was observed, epoch ms.' },
  pid: { type: 'integer' },
  findings: { type: 'array', items: { $ref: '#/components/schemas/Finding' }, description: 'The table, worst first.' },
  sources: { type: 'array', items: SOURCE },
  feeds: { type: 'array', items: FEED },
  connectors: { type: 'array', items: CONNECTOR },
});
