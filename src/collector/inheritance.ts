import type { SourceName } from '../domain/detection.ts';
import type { Instant } from '../domain/instant.ts';
import { type Checkpoint, lookBackFrom, type WindowSettings } from '../domain/window.ts';
import { type DetectionStore, NEVER_POLLED, type SourceKey, type SourceStatus } from '../store/detection-store.ts';

export interface Inheritance {
  /**
   * The checkpoint with a look back to where sources had got that the tenant is no longer read by. While they were its
   * owners, what this source told of their alerts counted for nothing (domain/intake.ts).
   */
  claim(checkpoint: Checkpoint): Promise<Checkpoint>;
  /** To be called when that checkpoint is stored: nothing is claimed twice. */
  settle(): Promise<void>;
}

export interface InheritanceDeps {
  readonly key: SourceKey;
  /** Every source that the tenant is read by. */
  readonly sources: readonly SourceName[];
  readonly settings: WindowSettings;
  readonly store: DetectionStore;
}

export function createInheritance({ key, sources, settings, store }: InheritanceDeps): Inheritance {
  let left: readonly (SourceKey & SourceStatus)[] = [];

  return {
    async claim(checkpoint) {
      const statuses = await store.statuses();
      const gone = (await store.checkpoints()).filter(
        ({ tenantId, source }) => tenantId === key.tenantId && !sources.includes(source),
      );
      const open = gone.flatMap(({ source, watermark }) => {
        const known = statuses.find((status) => status.tenantId === key.tenantId && status.source === source);
        const status = known ?? { ...NEVER_POLLED, tenantId: key.tenantId, source };
        return watermark === null || status.inheritedBy.includes(key.source) ? [] : [{ status, watermark }];
      });
      left = open.map(({ status }) => status);
      const oldest = open.reduce<Instant | null>(
        (before, { watermark }) => (before === null || watermark < before ? watermark : before),
        null,
      );
      return oldest === null ? checkpoint : lookBackFrom(checkpoint, oldest, settings);
    },
    async settle() {
      for (const { tenantId, source, ...status } of left)
        await store.recordStatus({ tenantId, source }, { ...status, inheritedBy: [...status.inheritedBy, key.source] });
      left = [];
    },
  };
}
