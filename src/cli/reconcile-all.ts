import { tenantAccess } from '../bridge-tenants.ts';
import {
  compareSource,
  planReconcile,
  type ReconcileDeps,
  type ReconcilePlan,
  type ReconcileRequest,
} from '../collector/reconcile.ts';
import { followAlerts, type ReconcileFeed } from '../collector/reconcile-delivery.ts';
import { openTenant } from '../defender/registry.ts';
import type { Source } from '../defender/source.ts';
import { createTrust } from '../defender/trust.ts';
import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { type BridgeError, toBridgeError } from '../domain/errors.ts';
import { span } from '../domain/time-words.ts';
import type { DetectionStore } from '../store/detection-store.ts';
import { account } from './account.ts';
import { perTenant } from './per-tenant.ts';
import type { ProgressLine } from './progress-line.ts';
import type { SourceChoice } from './reconcile-choice.ts';
import type { ReconcileRow } from './reconcile-row.ts';

export interface ReconcileWork {
  readonly store: DetectionStore;
  readonly feeds: readonly ReconcileFeed[];
  readonly request: ReconcileRequest;
  readonly clock: Clock;
  readonly progress: ProgressLine;
  readonly signal: AbortSignal;
}

/** A source that is about to be compared, or why it cannot be asked. */
interface Planned {
  readonly choice: SourceChoice;
  readonly deps: ReconcileDeps;
  readonly plan: ReconcilePlan | BridgeError;
}

/** Compares source by source. One that cannot be asked is a row with the reason, and the others go on. */
export async function reconcileAll(
  chosen: readonly SourceChoice[],
  work: ReconcileWork,
): Promise<readonly ReconcileRow[]> {
  const { store, request, progress, signal } = work;
  const opened = openSources(chosen, work);
  const at = { done: 0, total: 0 };

  const plan = async (choice: SourceChoice): Promise<Planned> => {
    const deps = depsOf(choice, opened.sourceOf(choice), work);
    try {
      return { choice, deps, plan: await planReconcile(deps, request, signal) };
    } catch (thrown) {
      signal.throwIfAborted();
      return { choice, deps, plan: toBridgeError(thrown) };
    }
  };

  const compare = async ({ choice, deps, plan: planned }: Planned): Promise<ReconcileRow> => {
    const { tenant, settings } = choice;
    const row = { tenant: tenant.name, api: settings.api };
    if (planned instanceof Error) return { ...row, problem: planned, comparison: null, feeds: [] };
    const watch = (alerts: number): void => {
      at.done += 1;
      progress.show(at.done, at.total, `${row.tenant}/${row.api}: ${alerts} alerts`);
    };
    const comparison = await compareSource(deps, planned, request, watch, signal);
    const feeds = await followAlerts(comparison.stored, {
      tenantId: tenant.tenantId,
      store,
      clock: work.clock,
      feeds: work.feeds,
      tellAgain: request.fetch,
    });
    const done = { ...row, problem: null, comparison, feeds };
    if (request.fetch) await note(done, store);
    return done;
  };

  const tenantOf = ({ tenant }: SourceChoice): string => tenant.tenantId;
  try {
    const planned = await perTenant(chosen, tenantOf, plan);
    for (const one of planned) if (!(one.plan instanceof Error)) at.total += one.plan.slices.length;
    return await perTenant(planned, ({ choice }) => tenantOf(choice), compare);
  } finally {
    await opened.close();
  }
}

/** Connections of their own, and gates that know nothing of those of a running bridge. */
function openSources(chosen: readonly SourceChoice[], { clock, progress }: ReconcileWork) {
  const trust = createTrust();
  const emit: Emit = (event) => {
    if (event.name !== 'hostGated') return;
    const why = event.reason === 'asked' ? 'asks to slow down' : 'has a published limit that is used up';
    progress.say(`${event.tenant}: ${event.host} ${why}; waiting ${span(event.waitMs)}.`);
  };
  const tenants = [...new Set(chosen.map(({ tenant }) => tenant))];
  const opened = new Map(
    tenants.map((tenant) => [tenant, openTenant(tenantAccess(tenant), { clock, emit, trust })] as const),
  );
  return {
    sourceOf({ tenant, settings }: SourceChoice): Source {
      const source = opened.get(tenant)?.source(settings.api);
      if (source === undefined) throw new Error(`tenant ${tenant.name} was not opened`);
      return source;
    },
    close: () => Promise.all([...opened.values()].map((tenant) => tenant.close())),
  };
}

function depsOf({ tenant, settings }: SourceChoice, source: Source, { store, clock }: ReconcileWork): ReconcileDeps {
  const { tenantId, name, sources } = tenant;
  return { tenant: { tenantId, name }, source, sources: sources.map(({ api }) => api), settings, store, clock };
}

/** For the auditor: what was fetched, and what is still missing. */
async function note({ tenant, api, comparison, feeds }: ReconcileRow, store: DetectionStore): Promise<void> {
  if (comparison === null) return;
  const { range, microsoft, missing } = comparison;
  const fetched = missing.filter(({ became }) => became !== null && became.outcome !== 'set-aside').length;
  await store.addAudit({
    who: account(),
    action: 'reconcile',
    details: {
      tenant,
      api,
      from: range.from,
      to: range.to,
      microsoft,
      fetched,
      missing: missing.length - fetched,
      toldAgain: feeds.reduce((sum, { toldAgain }) => sum + toldAgain, 0),
    },
  });
}
