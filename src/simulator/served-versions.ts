import type { AnswerRow, SimulatorAnswer, SimulatorRequest } from './exchange.ts';
import type { Api } from './service.ts';

/** A list of records that was sent whole. */
export interface ServedList {
  readonly tenantId: string;
  readonly api: Api;
  readonly request: SimulatorRequest;
  readonly rows: readonly AnswerRow[];
  readonly nextLink: string | null;
  /** False: a careful client need not take it (its link leads astray, or its content type is another one). */
  readonly isReadable: boolean;
}

/** What clients have been shown: the versions in answers that were sent whole and readable. */
export interface ServedVersions {
  add(tenantId: string, api: Api, request: SimulatorRequest, answer: SimulatorAnswer): void;
  readonly of: (tenantId: string, api: Api) => ReadonlySet<string>;
}

/** @param onServed told of every list that was sent whole, in order */
export function createServedVersions(onServed: (list: ServedList) => void = () => undefined): ServedVersions {
  const served = new Map<string, Set<string>>();
  const setOf = (tenantId: string, api: Api): Set<string> => {
    const key = `${api} ${tenantId}`;
    const made = served.get(key) ?? new Set<string>();
    served.set(key, made);
    return made;
  };
  return {
    of: setOf,
    add: (tenantId, api, request, { page, doubtful }) => {
      const set = setOf(tenantId, api);
      for (const { version } of page?.rows ?? []) set.add(version);
      const sent = page ?? doubtful;
      if (sent === undefined) return;
      const { rows, nextLink } = sent;
      onServed({ tenantId, api, request, rows, nextLink, isReadable: page !== undefined });
    },
  };
}
