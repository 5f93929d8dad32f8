import { connect } from './connector.ts';
import type { MicrosoftOptions, Stage } from './stage.ts';
import type { Written } from './written.ts';

/** One way in which a machine is set up wrongly, or breaks. */
export interface SetUp {
  /** For people. */
  readonly title: string;
  /** Why this machine cannot make it; null when it can. Without it every machine can. */
  readonly whyNot?: () => string | null;
  /** It takes half a minute whatever the machine: begun first. */
  readonly isSlow?: true;
  /** Leaves the machine as `doctor` is to find it. @returns the account that doctor runs as, where it matters */
  make(stage: Stage): Promise<number | undefined>;
}

export interface Circumstances extends MicrosoftOptions {
  readonly written?: Partial<Written>;
}

/** A bridge that runs with its pack generated; no connector has asked yet. */
export async function start(stage: Stage, { written = {}, ...options }: Circumstances = {}): Promise<void> {
  await stage.microsoft(options);
  await stage.write(written);
  await stage.serve();
  await stage.generate();
}

/** The same, and a connector that has received what there was and acknowledged it. */
export async function startAll(stage: Stage, circumstances: Circumstances = {}): Promise<undefined> {
  await start(stage, circumstances);
  await connect(stage, { polls: 2 });
  return undefined;
}
