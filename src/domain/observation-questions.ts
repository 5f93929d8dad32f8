import type { Observation } from './observation.ts';
import type { Answered } from './observation-answer.ts';
import {
  intervalsText,
  lengthText,
  pollsOf,
  requestsText,
  shapesOf,
  tally,
  tallyText,
} from './observation-evidence.ts';
import { probeAnswers } from './observation-reactions.ts';
import { tokenAnswers } from './observation-token.ts';

/** The open list, in its order: time, pace, answers, requests, login, the rest. */
export function answersOf(seen: Observation): readonly Answered[] {
  return [
    timeText(seen),
    ...seen.feeds.map((feed) => timeFollows(feed, seen)),
    firstStart(seen),
    interval(seen),
    afterPage(seen),
    ...probeAnswers(seen),
    ...headers(seen),
    connections(seen),
    transport(seen),
    parameters(seen),
    login(seen),
    ...tokenAnswers(seen),
    size(seen),
    ...ELSEWHERE,
  ];
}

function open(id: string, question: string, answer: string): Answered {
  return { id, question, state: 'not-seen', answer, evidence: '' };
}

function timeText(seen: Observation): Answered {
  const [id, question] = ['time-text', 'Which text stands in place of $START_AT_TIME, and in which zone?'];
  const polls = pollsOf(seen);
  if (polls.length === 0) return open(id, question, 'No poll was seen.');
  const evidence = `${requestsText(seen.sums.polls)} for pages`;
  if (seen.timeForms.length === 0)
    return { id, question, state: 'answered', answer: 'The polls carried no time at all.', evidence };
  const answer = seen.timeForms.map(({ pattern, zone, escaped, example, count }) => {
    const zoned = zone === 'none' ? 'no zone' : `zone ${zone}`;
    return `${pattern} (${zoned}${escaped ? ', escaped' : ''}), such as ${example}: ${requestsText(count)}`;
  });
  return { id, question, state: 'answered', answer: `${answer.join('. ')}.`, evidence };
}

function timeFollows({ feed, time, polledBefore }: Observation['feeds'][number], seen: Observation): Answered {
  const id = `time-follows ${feed}`;
  const question = `What does the time follow (feed ${feed})?`;
  const polls = pollsOf(seen).filter((poll) => poll.feed === feed);
  if (polls.length === 0) return open(id, question, 'No poll of this feed was seen.');
  if (time === null || time.meaning === 'unknown')
    return open(id, question, 'Too few polls with events were seen to say what it is.');
  const different = new Set(polls.map(({ since }) => since)).size;
  const before = polledBefore ? ', and those before the observation' : '';
  return {
    id,
    question,
    state: 'answered',
    answer: `${time.says}${precisionText(time)}${clockText(time.clock)}${time.twoParties ? ' Two parties seem to use this login.' : ''}`,
    evidence: `${different} different times in ${requestsText(polls.length)}${before}`,
  };
}

type FeedTime = NonNullable<Observation['feeds'][number]['time']>;

function precisionText({ precision }: FeedTime): string {
  return precision === null ? '' : ` It is exact to ${precision}.`;
}

function clockText(clock: string | null): string {
  if (clock === null) return '';
  const [kind, ahead] = clock.split(' ');
  if (kind === 'right') return ' Its clock agrees with that of the bridge.';
  const ms = Number(ahead);
  const direction = ms < 0 ? 'behind' : 'ahead';
  if (kind === 'zone')
    return ` It is ${Math.round(Math.abs(ms) / 60_000)} minutes ${direction} of UTC: it writes in another zone without naming it, or its clock is wrong by so much.`;
  return ` Its clock is ${lengthText(Math.abs(ms))} ${direction}.`;
}

function firstStart(seen: Observation): Answered {
  const [id, question] = ['first-start', 'Which time does a connector send that has never polled before?'];
  const [first] = pollsOf(seen);
  const isNew = seen.feeds.some(({ feed, polledBefore }) => feed === first?.feed && !polledBefore);
  if (first === undefined || !isNew || seen.sums.dropped > 0)
    return open(
      id,
      question,
      'This connector had polled before. Observe a new one, from before its first start (flexbridge connector create).',
    );
  const { since, sinceMs, atMs } = first;
  const distance =
    sinceMs === null
      ? ''
      : `, ${lengthText(Math.abs(atMs - sinceMs))} ${sinceMs > atMs ? 'after' : 'before'} the request`;
  const answer = since === null ? 'Its first poll carried no time.' : `Its first poll had ${since}${distance}.`;
  return { id, question, state: 'answered', answer, evidence: '1 request' };
}

function interval({ afterEmpty }: Observation): Answered {
  const [id, question] = ['interval', 'How long after an empty answer does it poll again?'];
  const text = intervalsText(afterEmpty);
  if (text === null) return open(id, question, 'No two polls of a feed with [] between them were seen.');
  return { id, question, state: 'answered', answer: `After ${text}.`, evidence: `${afterEmpty.count} intervals` };
}

function afterPage({ afterEvents }: Observation): Answered {
  const [id, question] = ['after-page', 'How long after an answer with events does it poll again?'];
  const text = intervalsText(afterEvents);
  if (text === null) return open(id, question, 'No page with events, with a poll behind it, was seen.');
  return { id, question, state: 'answered', answer: `After ${text}.`, evidence: `${afterEvents.count} intervals` };
}

function headers(seen: Observation): readonly Answered[] {
  const pages = shapesOf(seen, 'page');
  const value = (name: string, question: string, without: string): Answered => {
    if (pages.length === 0) return open(name, question, 'No poll was seen.');
    const tallied = tally(pages, ({ values }) => values[name] ?? without);
    return {
      id: name,
      question,
      state: 'answered',
      answer: tallied.map(({ value: text }) => text).join('; '),
      evidence: tallyText(tallied),
    };
  };
  return [
    value('accept', 'Which Accept header does it send?', 'none'),
    value('user-agent', 'Which User-Agent does it send?', 'none'),
    value(
      'accept-encoding',
      'Would it take a compressed answer (Accept-Encoding)?',
      'none: it asks for no compression',
    ),
    {
      id: 'headers',
      question: 'Which headers does a poll have?',
      state: pages.length === 0 ? 'not-seen' : 'answered',
      answer:
        pages.length === 0
          ? 'No poll was seen.'
          : tally(pages, (shape) => shape.headers.join(', '))
              .map((one) => one.value)
              .join('; '),
      evidence: pages.length === 0 ? '' : requestsText(pages.reduce((sum, { count }) => sum + count, 0)),
    },
  ];
}

function connections(seen: Observation): Answered {
  const [id, question] = ['connections', 'Does it keep a connection, or make one for each request?'];
  const { connections: count, requests } = seen.sums;
  if (requests < 2) return open(id, question, 'Fewer than two requests were seen.');
  const answer =
    count >= requests
      ? 'Each request came on a connection of its own.'
      : `${requestsText(requests)} came on ${count} connection${count === 1 ? '' : 's'}: it keeps them.`;
  return { id, question, state: 'answered', answer, evidence: requestsText(requests) };
}

function transport({ shapes }: Observation): Answered {
  const [id, question] = ['transport', 'Which versions of HTTP and TLS does it use?'];
  if (shapes.length === 0) return open(id, question, 'No request was seen.');
  const tallied = tally(shapes, ({ http, tls }) => `HTTP/${http}, ${tls ?? 'no TLS'}`);
  return {
    id,
    question,
    state: 'answered',
    answer: tallied.map(({ value }) => value).join('; '),
    evidence: tallyText(tallied),
  };
}

function parameters(seen: Observation): Answered {
  const [id, question] = ['parameters', 'Which parameters does the URL of a poll have?'];
  const pages = shapesOf(seen, 'page');
  if (pages.length === 0) return open(id, question, 'No poll was seen.');
  const tallied = tally(pages, (shape) => `${shape.path}: ${shape.parameters.join(', ') || 'none'}`);
  return {
    id,
    question,
    state: 'answered',
    answer: tallied.map(({ value }) => value).join('; '),
    evidence: tallyText(tallied),
  };
}

function login(seen: Observation): Answered {
  const [id, question] = ['login', 'Which login does a poll carry?'];
  const pages = shapesOf(seen, 'page');
  if (pages.length === 0) return open(id, question, 'No poll was seen.');
  const tallied = tally(pages, (shape) => shape.login);
  const asked = seen.requests.filter(({ byAddress, status }) => byAddress && status === 401).length;
  const first =
    asked === 0 ? '' : `; ${requestsText(asked)} from its address came without one that holds, and got a 401`;
  return {
    id,
    question,
    state: 'answered',
    answer: `${tallied.map(({ value }) => value).join('; ')}${first}`,
    evidence: tallyText(tallied),
  };
}

function size({ sums }: Observation): Answered {
  const [id, question] = ['size', 'How large an answer does it take (more than 10 MB)?'];
  const { largestBytes, largestEvents, broken } = sums;
  if (largestEvents === 0) return open(id, question, 'No page with events was taken.');
  const failed = broken === 0 ? '' : ` ${broken} broke off.`;
  return {
    id,
    question,
    state: largestBytes > 10_000_000 ? 'answered' : 'not-seen',
    answer: `The largest page behind which it came back had ${largestEvents} events and ${largestBytes} bytes; larger ones were not seen.${failed}`,
    evidence: requestsText(sums.pages),
  };
}

/** What no request can show. */
const ELSEWHERE: readonly Answered[] = [
  [
    'restart',
    'What does it keep between two starts?',
    'A restart looks like a pause from here. Restart the connector while it is observed, note when, and compare the first time behind the pause.',
  ],
  [
    'empty-body',
    'What does it make of a 200 without a body?',
    'The bridge never sends one; no-content is the nearest probe.',
  ],
  [
    'missing-members',
    'What does its parser make of missing members and nulls?',
    'Look at its agent.log after events: the bridge sends no nulls, and leaves members out that have no value.',
  ],
  [
    'timestamp-pattern',
    'Does a TimeStamp token take an ISO pattern?',
    'The generated parser needs none: times are milliseconds.',
  ],
  [
    'agent-properties',
    'Which keys does agent.properties have for this connector?',
    'They stand in user/agent/agent.properties of the connector: the lines with agents[0].',
  ],
].map(
  ([id = '', question = '', answer = '']) => ({ id, question, state: 'not-from-here', answer, evidence: '' }) as const,
);
