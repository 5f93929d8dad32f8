import type { Clock } from '../../domain/clock.ts';
import type { SimulatorRequest } from '../exchange.ts';
import { type Random, seedFor } from '../random.ts';
import type { World } from '../world.ts';
import type { AlertVersion, WorldOptions } from './alert-version.ts';
import type { GraphAlert, GraphEvidence } from './graph-alert.ts';
import type { UpdateRange } from './timeline.ts';

/** The world as one answer shows it: by a replica that may be behind, with evidence in any order. */
export interface AlertReader {
  /** By update time, oldest first. */
  updated(tenantId: string, range: UpdateRange, request: SimulatorRequest): readonly AlertVersion[];
  find(tenantId: string, alertId: string, request: SimulatorRequest): AlertVersion | null;
  show(version: AlertVersion): GraphAlert;
}

export interface ReaderDeps {
  readonly world: World;
  readonly clock: Clock;
  readonly random: Random;
  readonly options: Pick<WorldOptions, 'shuffledEvidence' | 'enrichedAfterMs' | 'staleReads'>;
}

export function createAlertReader({ world, clock, random, options }: ReaderDeps): AlertReader {
  const { shuffledEvidence = false, enrichedAfterMs = 0, staleReads = 0 } = options;
  const isStale = ({ replica }: SimulatorRequest) =>
    replica === 'stale' || (staleReads > 0 && random.chance(staleReads));
  const enriched = (alert: GraphAlert): GraphAlert => {
    if (enrichedAfterMs === 0 || alert.evidence === undefined) return alert;
    const after = seedFor(0, alert.id) % enrichedAfterMs;
    const isYoung = (item: GraphEvidence) => Date.parse(item.createdDateTime ?? '') + after > clock.now();
    return { ...alert, evidence: alert.evidence.map((item) => (isYoung(item) ? poorer(item) : item)) };
  };
  return {
    updated: (tenantId, range, request) => {
      const nowMs = clock.now();
      const current = world.updated(tenantId, nowMs, range);
      if (request.replica !== 'stale' && staleReads === 0) return current;
      const before = world.superseded(tenantId, nowMs, range);
      const stale = new Set<string>();
      for (const id of new Set([...current, ...before].map(({ alert }) => alert.id))) {
        if (world.older(tenantId, nowMs, id) !== null && isStale(request)) stale.add(id);
      }
      return [
        ...current.filter(({ alert }) => !stale.has(alert.id)),
        ...before.filter(({ alert }) => stale.has(alert.id)),
      ].toSorted((a, b) => ((a.updatedAt ?? '') < (b.updatedAt ?? '') ? -1 : a.updatedAt === b.updatedAt ? 0 : 1));
    },
    find: (tenantId, alertId, request) => {
      const older = isStale(request) ? world.older(tenantId, clock.now(), alertId) : null;
      return older ?? world.find(tenantId, clock.now(), alertId);
    },
    show: ({ alert }) => {
      const shown = enriched(alert);
      if (!shuffledEvidence || shown.evidence === undefined) return shown;
      return { ...shown, evidence: random.shuffle(shown.evidence) };
    },
  };
}

/** An item that Microsoft has not looked up everything about yet. */
function poorer(item: GraphEvidence): GraphEvidence {
  const { fileDetails, imageFile, countryLetterCode } = item;
  return {
    ...item,
    ...(countryLetterCode === undefined ? {} : { countryLetterCode: null }),
    ...(fileDetails === undefined ? {} : { fileDetails: withoutHashes(fileDetails) }),
    ...(imageFile === undefined ? {} : { imageFile: withoutHashes(imageFile) }),
  };
}

function withoutHashes(file: unknown): unknown {
  return typeof file === 'object' && file !== null ? { ...file, sha256: null, md5: null } : file;
}
