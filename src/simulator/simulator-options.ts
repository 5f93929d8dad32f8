import type { Clock } from '../domain/clock.ts';
import type { Paging } from './apis/page-list.ts';
import type { SiemForm } from './apis/siem-record.ts';
import type { Fault, SimulatorRequest } from './exchange.ts';
import type { FaultTimes } from './faults/fault-context.ts';
import type { FaultEvent } from './faults/fault-panel.ts';
import type { SimulatedTenant } from './login/simulated-tenant.ts';
import type { ServedList } from './served-versions.ts';
import type { WorldOptions } from './world/alert-version.ts';

export interface SimulatorOptions {
  /** The same seed, tenants and start time give the same world. */
  readonly seed: number;
  /** Microsoft's clock: visibility of alerts, token lifetimes, Date headers. */
  readonly clock: Clock;
  readonly tenants: readonly SimulatedTenant[];
  readonly world: WorldOptions;
  /** Default 3599 s, as Entra's; a managed identity's is a day. */
  readonly tokenLifetimeMs?: number;
  readonly paging?: Paging;
  /** How the SIEM exporter writes. */
  readonly siem?: SiemForm;
  /** Refuses what is above Microsoft's published limits; off without it. */
  readonly rateLimits?: boolean;
  /** A fault for a request, or null to answer it properly; asked after the queues of `failNext`. */
  readonly respondWith?: (request: SimulatorRequest) => Fault | null;
  readonly faultTimes?: Partial<FaultTimes>;
  /** Told of every fault of the panel as it happens. */
  readonly onFault?: (event: FaultEvent) => void;
  /** Told of every list of records as it is sent, in order. */
  readonly onServed?: (list: ServedList) => void;
}
