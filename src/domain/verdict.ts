import {
  type Chain,
  type ConnectorLink,
  chainOf,
  type Link,
  type LinkState,
  type SourceLink,
  worstFirst,
} from './chain.ts';
import type { Finding } from './finding.ts';
import type { StatusSnapshot } from './status-snapshot.ts';

/** The one thing that people want to know: whether detections reach ArcSight. */
export interface Verdict {
  readonly state: LinkState;
  /** One sentence, without times: it is read out whenever it changes. */
  readonly sentence: string;
  /** Where the chain is not as it should be, and what to do; the gravest first. */
  readonly troubles: readonly Finding[];
}

type Judgement = Pick<Verdict, 'state' | 'sentence'>;
/** Null: nothing of the kind. */
type Judge = (chain: Chain, snapshot: StatusSnapshot) => Judgement | null;

/** Pure; the first that has something to say is the gravest. */
export function verdict(snapshot: StatusSnapshot): Verdict {
  const chain = chainOf(snapshot);
  const judged = JUDGES.map((judge) => judge(chain, snapshot)).find((found) => found !== null);
  return { ...(judged ?? REACHED), troubles: troublesOf(chain, snapshot) };
}

const REACHED: Judgement = { state: 'ok', sentence: 'Detections reach ArcSight.' };
const NOT = 'Detections do not reach ArcSight';

const JUDGES: readonly Judge[] = [
  storeUnreadable,
  nothingSetUp,
  everyConnectorBroken,
  everySourceBroken,
  storeUnwritable,
  someSourcesBroken,
  someConnectorsBroken,
  nothingHeard,
  someLate,
  neverDelivered,
  somethingElse,
];

function storeUnreadable({ store }: Chain): Judgement | null {
  if (store.state !== 'broken' || store.finding?.id !== 'store') return null;
  return { state: 'broken', sentence: `${NOT}: the store cannot be read.` };
}

function nothingSetUp({ sources, connectors }: Chain): Judgement | null {
  if (sources.length === 0) return { state: 'waiting', sentence: 'No tenant is set up yet.' };
  return connectors.length === 0 ? { state: 'waiting', sentence: 'No connector is set up yet.' } : null;
}

/** One that has never asked takes nothing either. */
function everyConnectorBroken({ connectors }: Chain): Judgement | null {
  if (connectors.some(({ state }) => state === 'ok' || state === 'attention')) return null;
  const broken = namesOf(connectors, 'broken', connectorName);
  if (broken.length === 0) return null;
  const who = broken.length === 1 ? `the connector ${list(broken)} does` : 'the connectors do';
  return { state: 'broken', sentence: `${NOT}: ${who} not take them.` };
}

function everySourceBroken({ sources }: Chain): Judgement | null {
  if (!sources.every(({ state }) => state === 'broken')) return null;
  const tenants = namesOf(sources, 'broken', tenantName);
  const of = tenants.length === 1 ? list(tenants) : `any of the ${tenants.length} tenants`;
  return { state: 'broken', sentence: `${NOT}: none can be had from Microsoft for ${of}.` };
}

function storeUnwritable({ store }: Chain): Judgement | null {
  if (store.state !== 'broken') return null;
  return { state: 'broken', sentence: 'New detections do not reach ArcSight: the store cannot be written.' };
}

function someSourcesBroken({ sources }: Chain): Judgement | null {
  const broken = namesOf(sources, 'broken', tenantName);
  if (broken.length === 0) return null;
  const all = count(sources, tenantName);
  if (all === 1) return { state: 'broken', sentence: `Some detections do not reach ArcSight: ${apisOf(sources)}.` };
  return {
    state: 'broken',
    sentence: `Detections of ${broken.length} of ${all} tenants do not reach ArcSight: ${list(broken)}.`,
  };
}

/** One tenant, one of whose APIs works. */
function apisOf(sources: readonly SourceLink[]): string {
  return list(namesOf(sources, 'broken', ({ tenant, source }) => `${source} of ${tenant} fails`));
}

function someConnectorsBroken({ connectors }: Chain): Judgement | null {
  const broken = namesOf(connectors, 'broken', ({ connector, feed }) => `${connector} (feed ${feed})`);
  if (broken.length === 0) return null;
  return {
    state: 'broken',
    sentence: `Some detections do not reach ArcSight: not taken by ${list(broken)}.`,
  };
}

function nothingHeard({ sources, connectors }: Chain): Judgement | null {
  if (sources.every(({ state }) => state === 'waiting'))
    return {
      state: 'waiting',
      sentence: 'Nothing has reached ArcSight yet: the first answer of Microsoft is awaited.',
    };
  if (connectors.every(({ state }) => state === 'waiting'))
    return { state: 'waiting', sentence: 'Nothing has reached ArcSight yet: no connector has asked for events.' };
  return null;
}

function someLate({ sources, connectors }: Chain): Judgement | null {
  const tenants = namesOf(sources, 'attention', tenantName);
  const all = count(sources, tenantName);
  if (tenants.length > 0) {
    const of = all === 1 ? list(tenants) : `${tenants.length} of ${all} tenants`;
    return {
      state: 'attention',
      sentence: `Detections of ${of} reach ArcSight late${all === 1 ? '' : `: ${list(tenants)}`}.`,
    };
  }
  const late = namesOf(connectors, 'attention', connectorName);
  if (late.length === 0) return null;
  const who = late.length === 1 ? 'the connector' : 'the connectors';
  return { state: 'attention', sentence: `Detections may reach ArcSight late: look at ${who} ${list(late)}.` };
}

/** Of a feed that keeps no position nobody knows. */
function neverDelivered({ connectors }: Chain): Judgement | null {
  const isKnown = connectors.every(({ row }) => row.backlog !== null || row.lastPollMs === null);
  if (!isKnown || connectors.some(({ row }) => row.lastDeliveredMs !== null)) return null;
  return { state: 'waiting', sentence: 'The chain stands; no detection has been delivered to ArcSight yet.' };
}

function somethingElse(_chain: Chain, { findings }: StatusSnapshot): Judgement | null {
  const bad = findings.filter(({ state }) => state !== 'ok');
  if (bad.length === 0) return null;
  const things = bad.length === 1 ? 'one thing needs' : `${bad.length} things need`;
  const isFailure = bad.some(({ state }) => state === 'failed');
  return { state: isFailure ? 'attention' : 'ok', sentence: `Detections reach ArcSight; ${things} a look.` };
}

/** The links that are not ok, and what has failed beside the chain. */
function troublesOf(chain: Chain, { findings }: StatusSnapshot): readonly Finding[] {
  const links: readonly Link<unknown>[] = worstFirst<unknown>([chain.store, ...chain.connectors, ...chain.sources]);
  const told = links.flatMap(({ state, finding }) => (state === 'ok' || finding === null ? [] : [finding]));
  const all = [...told, ...findings.filter(({ state }) => state === 'failed')];
  // A tenant and its source may fail for one reason; it is told once.
  const isFirst = ({ meaning, remedy }: Finding, index: number): boolean =>
    all.findIndex((other) => other.meaning === meaning && other.remedy === remedy) === index;
  return all.filter(isFirst);
}

function tenantName({ tenant }: SourceLink['row']): string {
  return tenant;
}

function connectorName({ connector }: ConnectorLink['row']): string {
  return connector;
}

function namesOf<Row>(links: readonly Link<Row>[], state: LinkState, name: (row: Row) => string): readonly string[] {
  return [...new Set(links.filter((link) => link.state === state).map(({ row }) => name(row)))];
}

function count<Row>(links: readonly Link<Row>[], name: (row: Row) => string): number {
  return new Set(links.map(({ row }) => name(row))).size;
}

const MOST_NAMES = 3;

function list(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${more} more` : names.join(', ');
}
