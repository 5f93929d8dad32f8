import type { ServedList } from '../../src/simulator/served-versions.ts';
import { APIS, type Api } from '../../src/simulator/service.ts';
import { fateOf } from './answer-fate.ts';
import { coveredBy, createCoverage, type Position, type Stretch } from './coverage.ts';
import { readDefenderAlert } from './defender-alert.ts';
import { createGraphReading } from './graph-alert.ts';
import { objectOf } from './json-reading.ts';
import { type Snapshot, toSnapshot } from './snapshot.ts';

/** One state of an alert that a reader got to see, in the order in which they were shown. */
export interface Sighting {
  readonly version: string;
  /** Epoch ms of the simulated clock. */
  readonly atMs: number;
  readonly snapshot: Snapshot;
  /** What went wrong in the turn that it was shown in. */
  readonly trouble: string;
}

/** What one API has shown of one alert. */
export interface History {
  readonly api: Api;
  readonly alertId: string;
  /** Each differs from the one before in what it says; what was shown after something newer is left out. */
  readonly sightings: readonly Sighting[];
  /** Names of all versions that were seen, those that say nothing new included. */
  readonly versions: ReadonlySet<string>;
  /** Update time of the newest of them. */
  readonly latest: string;
}

/** What is in the database, asked where an answer may have got lost on its way there. */
export interface Proof {
  wasTaken(api: Api, alertId: string, snapshot: Snapshot, isNews: boolean): boolean;
}

/** How a turn of the sources ended. */
export interface TurnEnd {
  /** In the middle of it the process was stopped or killed, or a client gave up waiting: an answer may have got lost. */
  readonly mayHaveLost: boolean;
  /** For people. */
  readonly trouble: string;
  readonly proof: () => Proof;
  /** Where the sources say that they stand. */
  readonly positions: ReadonlyMap<Api, Position>;
}

/** Writes down what the simulator's answers contained. */
export interface Witness {
  readonly note: (list: ServedList) => void;
  /** The turn that asked for what was noted has ended. */
  settle(end: TurnEnd): void;
  histories(): readonly History[];
  /** How often the API was asked for that update time since then (epoch ms), and answered. */
  looks(api: Api, updatedAt: string, sinceMs: number): number;
  /** What sources claim to have read and were never answered for. */
  claims(): readonly string[];
  /** Shown after a newer version of the same alert. */
  stale(): number;
  /** Versions that were only in answers that got lost: in a restart, or thrown away because more had to be asked. */
  lost(): ReadonlySet<string>;
}

interface Writing {
  readonly api: Api;
  readonly alertId: string;
  readonly sightings: Sighting[];
  readonly versions: Set<string>;
  latest: string;
  /** The items of the last one. */
  shown: { readonly version: string; readonly items: ReadonlySet<unknown> } | null;
}

interface Noted {
  readonly list: ServedList;
  readonly atMs: number;
}

export function createWitness(now: () => number): Witness {
  const histories = new Map<string, Writing>();
  const lost = new Set<string>();
  let noted: Noted[] = [];
  let stale = 0;
  const coverages = new Map(APIS.map((api) => [api, createCoverage(api)]));
  const claims: string[] = [];
  const looks: (Stretch & { readonly api: Api; readonly atMs: number })[] = [];
  const readings = { graph: createGraphReading(), defender: readDefenderAlert };

  const historyOf = (api: Api, alertId: string): Writing => {
    const key = `${api} ${alertId}`;
    const made = histories.get(key) ?? {
      api,
      alertId,
      sightings: [],
      versions: new Set(),
      latest: '',
      shown: null,
    };
    histories.set(key, made);
    return made;
  };

  const see = (api: 'graph' | 'defender', row: Row, atMs: number, { mayHaveLost, proof, trouble }: TurnEnd): void => {
    const history = historyOf(api, row.alertId);
    const items = itemsOf(row.value);
    const { shown } = history;
    // The same objects again: nothing to read.
    if (shown?.version === row.version && items.every((item) => shown.items.has(item))) return;
    const snapshot = toSnapshot(readings[api](row.value));
    if (snapshot.updatedAt < history.latest) {
      stale += 1;
      return;
    }
    const isNews = history.sightings.at(-1)?.snapshot.digest !== snapshot.digest;
    if (mayHaveLost && !proof().wasTaken(api, row.alertId, snapshot, isNews)) {
      lost.add(row.version);
      return;
    }
    history.latest = snapshot.updatedAt;
    history.shown = { version: row.version, items: new Set(items) };
    history.versions.add(row.version);
    if (isNews) history.sightings.push({ version: row.version, atMs, snapshot, trouble });
  };

  return {
    note(list) {
      noted.push({ list, atMs: now() });
    },
    settle(end) {
      for (const { list, atMs } of noted) {
        const fate = fateOf(list);
        const ending = { ...end, mayHaveLost: end.mayHaveLost || fate === 'unsure' };
        for (const row of list.rows) {
          if (fate === 'thrown-away') lost.add(row.version);
          else if (list.api === 'siem') historyOf('siem', row.alertId).versions.add(row.version);
          else see(list.api, row, atMs, ending);
        }
      }
      for (const { list, atMs } of noted)
        looks.push(...coveredBy(list).map((stretch) => ({ ...stretch, api: list.api, atMs })));
      const lists = noted.map(({ list }) => list);
      for (const [api, position] of end.positions) claims.push(...(coverages.get(api)?.claim(lists, position) ?? []));
      noted = [];
    },
    claims: () => claims,
    looks: (api, updatedAt, sinceMs) =>
      looks.filter((look) => look.api === api && look.atMs >= sinceMs && look.from <= updatedAt && updatedAt < look.to)
        .length,
    histories: () => [...histories.values()],
    stale: () => stale,
    lost: () => lost,
  };
}

type Row = ServedList['rows'][number];

function itemsOf(value: unknown): readonly unknown[] {
  const { evidence } = objectOf(value);
  return Array.isArray(evidence) ? evidence : [];
}
