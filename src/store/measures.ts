/** What happened in a stretch of time, over all tenants, feeds and connectors. */
export interface Measure {
  /** Start of the stretch, epoch ms. */
  readonly fromMs: number;
  /** Alerts that were stored for the first time, or changed. */
  readonly alerts: number;
  /** Events that connectors acknowledged. */
  readonly delivered: number;
  /** Of the alerts stored for the first time: from their last update at Microsoft to their storing. */
  readonly arrivals: { readonly count: number; readonly sumMs: number; readonly maxMs: number };
}

export interface MeasureRange {
  /** Epoch ms; inclusive, exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Length of a stretch; whole minutes. Stretches begin at multiples of it (UTC). */
  readonly stepMs: number;
}

/** Part of the store: the history behind the charts of the status page, by the minute, with a retention of its own. */
export interface MeasureStore {
  /** Adds to what is there for the same minute (`fromMs` is the start of a minute), and deletes what is too old. */
  addMeasures(minutes: readonly Measure[]): Promise<void>;
  /** Oldest first; stretches in which nothing happened are left out. */
  measures(range: MeasureRange): Promise<readonly Measure[]>;
}
