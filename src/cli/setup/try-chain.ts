import type { Config } from '../../config/config.ts';
import type { Environment } from '../../config/environment.ts';
import { readPack } from '../../connector/pack-reader.ts';
import { type RehearsalLogin, rehearsePack } from '../../connector/rehearsal.ts';
import type { RehearsalStep } from '../../connector/rehearsal-step.ts';
import { systemClock } from '../../domain/clock.ts';
import { type BridgeError, toBridgeError } from '../../domain/errors.ts';
import type { Finding } from '../../domain/finding.ts';
import { findings } from '../../telemetry/findings.ts';
import { look } from '../look.ts';
import type { StartBridge } from './child-bridge.ts';

/** The first look back over a day of a large tenant takes longer; then the trial goes on without its end. */
const FIRST_POLL_MS = 60_000;

/** What a trial of the whole chain came to. */
export interface ChainTried {
  /** Whether events would arrive. */
  readonly ok: boolean;
  /** Why the bridge did not run at all; null when it did. */
  readonly failure: BridgeError | null;
  /** False: Microsoft had not given everything within a minute. */
  readonly polled: boolean;
  readonly steps: readonly RehearsalStep[];
  /** Links that have failed. */
  readonly failed: readonly Finding[];
}

export interface ChainDeps {
  readonly config: Config;
  /** Absolute; the bridge is started with it. */
  readonly configFile: string;
  readonly env: Environment;
  readonly packFolder: string;
  /** Null: the secret of the connector is not here, so nobody can sign in as it would. */
  readonly login: RehearsalLogin | null;
  readonly start: StartBridge;
  readonly signal: AbortSignal;
  readonly onStep: (text: string) => void;
}

/** Starts the bridge, waits for the first poll, and does with the pack what the connector will do. Stops the bridge again. */
export async function tryChain(deps: ChainDeps): Promise<ChainTried> {
  const { config, configFile, env, signal, onStep } = deps;
  const bridge = deps.start(configFile, env);
  try {
    await untilAborted(bridge.serving, signal);
    onStep('The bridge runs; waiting for the first answer of Microsoft ...');
    const sources = config.tenants.flatMap(({ name, sources: own }) => own.map(({ api }) => `${name}/${api}`));
    const limit = AbortSignal.any([signal, AbortSignal.timeout(FIRST_POLL_MS)]);
    const polled = await bridge.polled(sources, limit);
    signal.throwIfAborted();
    const steps = await rehearse(deps);
    const failed = findings(await look(config)).filter(({ state }) => state === 'failed');
    const ok = failed.length === 0 && steps.every(({ state }) => state !== 'failed') && isWhole(deps, steps);
    return { ok, failure: null, polled, steps, failed };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { ok: false, failure: toBridgeError(thrown), polled: false, steps: [], failed: [] };
  } finally {
    await bridge.stop();
  }
}

async function rehearse({ packFolder, login, signal, onStep }: ChainDeps): Promise<readonly RehearsalStep[]> {
  if (login === null) return [];
  onStep('Doing what the connector will do, with nothing but its files ...');
  const pack = await readPack(packFolder);
  const steps: RehearsalStep[] = [];
  const options = { pack, login, mode: { kind: 'look' }, clock: systemClock, signal } as const;
  // The login that setup makes keeps its refresh token.
  for await (const step of rehearsePack({ ...options, keepRefreshToken: () => undefined })) steps.push(step);
  signal.throwIfAborted();
  return steps;
}

/** A step that is skipped for a reason of its own ends the rehearsal before the answer. */
function isWhole({ login }: ChainDeps, steps: readonly RehearsalStep[]): boolean {
  return login === null || steps.some(({ id, state }) => id === 'poll' && state !== 'skipped');
}

function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      reject(toBridgeError(signal.reason));
    };
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', leave);
    });
  });
}
