import type { AlertRecord, SourceName } from '../domain/detection.ts';
import type { Rejection } from '../domain/rejection.ts';
import type { AppendBatch, DetectionStore, TenantRef } from '../store/detection-store.ts';
import type { Range } from './known-stretches.ts';

/** What something that was missing became when it was stored. */
export interface Became {
  /** `known`: somebody else stored it in the meantime; `set-aside`: it is in the quarantine, and still missing. */
  readonly outcome: 'new' | 'changed' | 'known' | 'set-aside';
  /** In all feeds together. */
  readonly events: number;
  /** Feeds whose filter kept events of it out. */
  readonly keptOutOf: readonly string[];
}

export interface Fetch {
  /** @param settles entries of the quarantine that the record settles */
  record(record: AlertRecord, settles: readonly number[]): Promise<Became>;
  rejection(rejection: Rejection, readIn: Range): Promise<Became>;
}

export interface FetchDeps {
  readonly tenant: TenantRef;
  readonly source: { readonly name: SourceName };
  readonly sources: readonly SourceName[];
  readonly store: Pick<DetectionStore, 'append'>;
}

/**
 * Stores one by one what is missing, as the collector would, and leaves its checkpoint alone: the reading goes on where it
 * is, also in another process, and takes what it then comes by for what it knows.
 */
export function createFetch({ tenant, source, sources, store }: FetchDeps): Fetch {
  const append = (content: Partial<Pick<AppendBatch, 'records' | 'setAside' | 'settles'>>) =>
    store.append({
      tenant,
      source: source.name,
      sources,
      records: [],
      setAside: [],
      settles: [],
      ...content,
      checkpoint: null,
    });
  return {
    async record(record, settles) {
      const { fresh, changed, events, filtered } = await append({ records: [record], settles });
      const outcome = fresh > 0 ? 'new' : changed > 0 ? 'changed' : 'known';
      return { outcome, events, keptOutOf: Object.keys(filtered) };
    },
    async rejection(rejection, readIn) {
      await append({ setAside: [{ ...rejection, stretch: null, readIn }] });
      return { outcome: 'set-aside', events: 0, keptOutOf: [] };
    },
  };
}
