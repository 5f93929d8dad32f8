import { byState, type Finding, type FindingId } from '../domain/finding.ts';

/**
 * The links of the chain, cause before consequence: what keeps the bridge from starting, the bridge, the way to Microsoft,
 * what is polled, the way to the connectors, what they take.
 */
const CHAIN: readonly FindingId[] = [
  'config',
  'config.secrets',
  'config.reload',
  'store.writable',
  'store',
  'store.space',
  'server.port',
  'instance',
  'dns',
  'proxy',
  'tls',
  'clock',
  'cloud',
  'token',
  'token.claims',
  'api',
  'credential.expiry',
  'source.poll',
  'source.backlog',
  'source.rescan',
  'source.records',
  'store.retention',
  'feed',
  'feed.heartbeat',
  'feed.arcsight',
  'certificate',
  'server.reach',
  'connector.login',
  'connector.poll',
  'connector.parties',
  'connector.time',
  'connector.delivery',
  'connector.passed-over',
  'connector.position',
  'pack',
  'credentials.initial',
];

const PLACE: ReadonlyMap<FindingId, number> = new Map(CHAIN.map((id, place) => [id, place]));

/** Worst first; inside one state by the order of the chain, and of one link in the order given. */
export function inChainOrder(findings: readonly Finding[]): readonly Finding[] {
  return byState(findings.toSorted((a, b) => placeOf(a) - placeOf(b)));
}

function placeOf({ id }: Finding): number {
  return PLACE.get(id) ?? CHAIN.length;
}
