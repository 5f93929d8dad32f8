import type { Finding, FindingId } from './finding.ts';
import type { ConnectorRow, SourceRow, StatusSnapshot } from './status-snapshot.ts';

/**
 * How a link of the chain is doing. waiting: nothing has been heard of it yet. attention: it works, or will again by
 * itself, but somebody should know. broken: nothing passes until a person acts.
 */
export type LinkState = 'ok' | 'waiting' | 'attention' | 'broken';

/** `finding`: the row of the table of findings that says why it is not ok; null when it is, or nothing is known. */
export interface Link<Row> {
  readonly row: Row;
  readonly state: LinkState;
  readonly finding: Finding | null;
}

export type SourceLink = Link<SourceRow>;
export type ConnectorLink = Link<ConnectorRow>;
export type StoreLink = Link<null>;

/** The way of a detection: from a tenant's API into the store, from there to a connector. */
export interface Chain {
  readonly sources: readonly SourceLink[];
  readonly store: StoreLink;
  readonly connectors: readonly ConnectorLink[];
}

type Find = (id: FindingId, subject: string) => Finding | null;

/** Judges each link by the table of findings, so that no view of health says anything else than the others. */
export function chainOf({ findings, sources, connectors }: StatusSnapshot): Chain {
  const bad = new Map<string, Finding>();
  for (const finding of findings.toReversed()) {
    if (finding.state !== 'ok') bad.set(`${finding.id} ${finding.subject}`, finding);
  }
  const find: Find = (id, subject) => bad.get(`${id} ${subject}`) ?? null;
  return {
    sources: sources.map((row) => sourceLink(row, find)),
    store: storeLink(findings),
    connectors: connectors.map((row) => connectorLink(row, find)),
  };
}

/** Worst first, otherwise in the order given. */
export function worstFirst<Row>(links: readonly Link<Row>[]): readonly Link<Row>[] {
  return links.toSorted((a, b) => RANK[a.state] - RANK[b.state]);
}

export function worstLink(links: readonly Link<unknown>[]): LinkState {
  return links.reduce<LinkState>((worst, { state }) => (RANK[state] < RANK[worst] ? state : worst), 'ok');
}

const RANK: Readonly<Record<LinkState, number>> = { broken: 0, attention: 1, waiting: 2, ok: 3 };

function sourceLink(row: SourceRow, find: Find): SourceLink {
  const subject = `${row.tenant}/${row.source}`;
  const polls = find('source.poll', subject);
  const token = find('token', row.tenant);
  switch (row.state) {
    case 'failed':
      return { row, state: 'broken', finding: find('token.claims', subject) ?? polls ?? token };
    case 'degraded':
      return { row, state: 'attention', finding: polls ?? token };
    case 'starting':
      return { row, state: 'waiting', finding: polls };
    case 'running': {
      const late = polls ?? find('source.backlog', subject);
      return { row, state: late === null ? 'ok' : 'attention', finding: late };
    }
  }
}

function connectorLink(row: ConnectorRow, find: Find): ConnectorLink {
  const subject = `${row.connector}/${row.feed}`;
  const polls = find('connector.poll', subject);
  const delivery = find('connector.delivery', subject);
  const passedOver = find('connector.passed-over', subject);
  if (passedOver?.state === 'failed') return { row, state: 'broken', finding: passedOver };
  if (polls?.state === 'failed') return { row, state: 'broken', finding: polls };
  // One that keeps its place itself has no poll of its own, and a row that is ok.
  if (polls !== null) return { row, state: row.lastPollMs === null ? 'waiting' : 'attention', finding: polls };
  return { row, state: delivery === null ? 'ok' : 'attention', finding: delivery };
}

const OF_STORE: readonly FindingId[] = ['store', 'store.writable', 'store.space', 'store.retention'];

function storeLink(findings: readonly Finding[]): StoreLink {
  const bad = findings.filter(({ id, state }) => OF_STORE.includes(id) && state !== 'ok');
  const broken = OF_STORE.slice(0, 2).flatMap((id) => bad.filter((row) => row.id === id && row.state === 'failed'))[0];
  if (broken !== undefined) return { row: null, state: 'broken', finding: broken };
  return { row: null, state: bad.length === 0 ? 'ok' : 'attention', finding: bad[0] ?? null };
}
