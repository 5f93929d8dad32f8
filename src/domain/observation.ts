import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { PROBE_NAMES, type ProbeName } from './observation-probe.ts';

const Text = Type.String();
const Ms = Type.Number();
const Count = Type.Number();
const orNull = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);
const oneOf = <const Names extends readonly string[]>(names: Names) =>
  Type.Unsafe<Names[number]>({ type: 'string', enum: [...names] });

/** How the requests look that look alike, and how many there were. Names as they were sent; no secret is in a value. */
const ShapeSchema = Type.Object({
  kind: oneOf(['page', 'events', 'token', 'authorize', 'other']),
  method: Text,
  /** `detections`, or one of the old API's forms. */
  path: Text,
  login: oneOf(['basic', 'oauth2', 'urlKey', 'mtls', 'other', 'none']),
  http: Text,
  /** Version and cipher; null without TLS. */
  tls: orNull(Text),
  headers: Type.Array(Text),
  /** Of the harmless ones only. */
  values: Type.Record(Type.String(), Text),
  /** Names of the URL's parameters. */
  parameters: Type.Array(Text),
  /** Of a request to the token endpoint. */
  token: orNull(
    Type.Object({
      grantType: orNull(Text),
      credentials: oneOf(['header', 'body', 'both', 'none']),
      /** Names of the form besides grant type and client. */
      parameters: Type.Array(Text),
      contentType: orNull(Text),
    }),
  ),
  count: Count,
});

/** A way in which times were written. */
const TimeFormSchema = Type.Object({
  /** In the letters of Java's SimpleDateFormat, or `epoch milliseconds` and the like. */
  pattern: Text,
  /** `Z`, an offset, or `none`. */
  zone: Text,
  unitMs: orNull(Ms),
  /** Colons and the like came as % and two digits. */
  escaped: Type.Boolean(),
  /** As it was sent. */
  example: Text,
  count: Count,
});

/** One request. Times are epoch ms by the bridge's clock. */
const RequestSchema = Type.Object({
  atMs: Ms,
  /** Its place in `shapes`. */
  shape: Count,
  feed: orNull(Text),
  /** The time as it was sent, cut to a printable length; null when there was none. */
  since: orNull(Text),
  sinceMs: orNull(Ms),
  unitMs: orNull(Ms),
  /** Since the poll of this feed before it. */
  intervalMs: orNull(Ms),
  /** Numbered in the order in which they were seen. */
  connection: Count,
  /** Null: it was open before the observation began. */
  newConnection: orNull(Type.Boolean()),
  /** Null: no answer was given. */
  status: orNull(Count),
  bytes: Count,
  /** Null where the answer is no page. */
  events: orNull(Count),
  durationMs: Ms,
  /** `sent`: handed to the system. `closed`: the client ended the connection in order behind it. */
  ended: oneOf(['sent', 'closed', 'broken']),
  /** FeedTime of the page. */
  stampMs: orNull(Ms),
  probe: orNull(oneOf(PROBE_NAMES)),
  /** It carried no login that could be told; it is taken for the connector's because of its address. */
  byAddress: Type.Boolean(),
});

/** What became of a probe. */
const ReactionSchema = Type.Object({
  probe: oneOf(PROBE_NAMES),
  feed: Text,
  atMs: Ms,
  /** When it had been answered, or the client had gone. */
  overMs: Ms,
  /** The client ended the connection before the answer. */
  gaveUp: Type.Boolean(),
  since: orNull(Text),
  /** Requests for a token between it and the next poll. */
  tokens: Count,
  /** The next poll of the same feed; null: none was seen. */
  next: orNull(
    Type.Object({ afterMs: Ms, since: orNull(Text), newConnection: orNull(Type.Boolean()), status: orNull(Count) }),
  ),
});

const IntervalsSchema = Type.Object({ count: Count, minMs: Ms, maxMs: Ms, sumMs: Ms });

/** What the connector's time is on one feed, from its position (domain/connector-time.ts). */
const FeedSchema = Type.Object({
  feed: Text,
  acknowledge: oneOf(['progress', 'response', 'none']),
  /** It had asked this feed before the observation. */
  polledBefore: Type.Boolean(),
  time: orNull(
    Type.Object({
      meaning: oneOf([
        'follows-stamp',
        'last-success',
        'earlier-poll',
        'wall-clock',
        'other-date',
        'frozen',
        'missing',
        'unknown',
      ]),
      says: Text,
      precision: orNull(oneOf(['milliseconds', 'seconds', 'minutes'])),
      clock: orNull(Text),
      steppedBackMs: orNull(Ms),
      twoParties: Type.Boolean(),
      guarantee: Text,
    }),
  ),
});

const ObservationSchema = Type.Object({
  version: Type.Literal(1),
  connector: Text,
  clientId: orNull(Text),
  startedMs: Ms,
  forMs: Ms,
  /** Null while it runs, and when it was cut off. */
  endedMs: orNull(Ms),
  /** How often the bridge was restarted in between. */
  restarts: Count,
  probes: Type.Array(oneOf(PROBE_NAMES)),
  feeds: Type.Array(FeedSchema),
  /** Over all requests, also those whose detail was dropped. */
  sums: Type.Object({
    requests: Count,
    dropped: Count,
    polls: Count,
    pages: Count,
    empty: Count,
    tokens: Count,
    refused: Count,
    failed: Count,
    broken: Count,
    bytes: Count,
    /** The largest answer that left, and the largest behind which the client came back or ended in order. */
    largestBytes: Count,
    largestEvents: Count,
    connections: Count,
  }),
  /** Between two polls of a feed: after an answer with events, after `[]`. Those around a probe are left out. */
  afterEvents: IntervalsSchema,
  afterEmpty: IntervalsSchema,
  shapes: Type.Array(ShapeSchema),
  timeForms: Type.Array(TimeFormSchema),
  reactions: Type.Array(ReactionSchema),
  /** The last ones, oldest first. */
  requests: Type.Array(RequestSchema),
});

/** What was seen of one connector in a stretch of time. JSON; kept in the progress of the command that asked for it. */
export type Observation = Static<typeof ObservationSchema>;
export type ObservedRequest = Static<typeof RequestSchema>;
export type ObservedShape = Static<typeof ShapeSchema>;
export type ObservedTimeForm = Static<typeof TimeFormSchema>;
export type ObservedFeed = Static<typeof FeedSchema>;
export type Reaction = Static<typeof ReactionSchema>;
export type Intervals = Static<typeof IntervalsSchema>;

/** Null for what is no observation, or one of another version. */
export function readObservation(progress: unknown): Observation | null {
  return Check(ObservationSchema, progress) ? progress : null;
}

const NO_INTERVALS: Intervals = { count: 0, minMs: 0, maxMs: 0, sumMs: 0 };

export function newObservation(begun: {
  readonly connector: string;
  readonly clientId: string | null;
  readonly startedMs: number;
  readonly forMs: number;
  readonly probes: readonly ProbeName[];
  readonly feeds: readonly ObservedFeed[];
}): Observation {
  return {
    version: 1,
    ...begun,
    probes: [...begun.probes],
    feeds: [...begun.feeds],
    endedMs: null,
    restarts: 0,
    sums: {
      requests: 0,
      dropped: 0,
      polls: 0,
      pages: 0,
      empty: 0,
      tokens: 0,
      refused: 0,
      failed: 0,
      broken: 0,
      bytes: 0,
      largestBytes: 0,
      largestEvents: 0,
      connections: 0,
    },
    afterEvents: NO_INTERVALS,
    afterEmpty: NO_INTERVALS,
    shapes: [],
    timeForms: [],
    reactions: [],
    requests: [],
  };
}
