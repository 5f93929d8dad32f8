import { randomUUID } from 'node:crypto';
import { tenantAccess } from './bridge-tenants.ts';
import { type Collector, createCollector } from './collector/collector.ts';
import type { ScheduledSource } from './collector/scheduler.ts';
import type { Config, SourceConfig, TenantConfig } from './config/config.ts';
import { openTenant, type TenantSources } from './defender/registry.ts';
import { createTrust } from './defender/trust.ts';
import type { Emit } from './domain/bridge-event.ts';
import type { Clock } from './domain/clock.ts';
import type { Trace } from './domain/trace.ts';
import type { DetectionStore } from './store/detection-store.ts';

export interface SourceDeps {
  readonly store: DetectionStore;
  readonly clock: Clock;
  readonly emit: Emit;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Every poll gets an id of its own; default: none. */
  readonly trace?: Trace;
  /** For one whole answer of Microsoft's, milliseconds, and the size of one; see `TenantDeps`. */
  readonly requestTimeoutMs?: number;
  readonly maxAnswerBytes?: number;
}

/** Every source of every tenant with its connections: what the scheduler runs. */
export interface OpenSources {
  readonly sources: readonly ScheduledSource[];
  close(): Promise<void>;
}

export function openSources({ tenants }: Config, deps: SourceDeps): OpenSources {
  const trust = createTrust();
  const opened = tenants.map((tenant) => ({ tenant, access: openTenant(tenantAccess(tenant), { ...deps, trust }) }));
  return {
    sources: opened.flatMap(({ tenant, access }) =>
      tenant.sources.map((settings) => scheduledSource(tenant, settings, access, deps)),
    ),
    close: async () => {
      await Promise.all(opened.map(({ access }) => access.close()));
    },
  };
}

function scheduledSource(
  { tenantId, name, sources }: TenantConfig,
  settings: SourceConfig,
  access: TenantSources,
  deps: SourceDeps,
): ScheduledSource {
  const collector = createCollector({
    ...deps,
    tenant: { tenantId, name },
    source: access.source(settings.api),
    sources: sources.map(({ api }) => api),
    settings,
  });
  const { trace } = deps;
  return {
    ref: { tenant: name, source: settings.api },
    schedule: settings.schedule,
    collector: trace === undefined ? collector : traced(collector, trace),
  };
}

/** All that happens for one poll, at Microsoft's and in the store, carries its id. */
function traced(collector: Collector, trace: Trace): Collector {
  return { tick: (signal) => trace.run({ pollId: randomUUID() }, () => collector.tick(signal)) };
}
