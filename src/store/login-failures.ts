import type { LoginWay } from '../domain/bridge-event.ts';

/** Wrong logins under the name of one connector since the last right one that was noted. Times are epoch ms. */
export interface LoginFailure {
  /** A configured or created connector; empty for every other name: hostile text is not kept. */
  readonly connector: string;
  /** Where the last one came from, and by what. */
  readonly address: string;
  readonly by: LoginWay;
  readonly failures: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Part of the store: who was refused, so that `doctor` can say it beside a bridge that runs. */
export interface LoginFailureStore {
  /** Adds to what is noted of the connector; `failures` is how many more there were. */
  noteLoginFailures(failures: readonly LoginFailure[]): Promise<void>;
  loginFailures(): Promise<readonly LoginFailure[]>;
}
