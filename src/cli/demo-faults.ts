import { BridgeError } from '../domain/errors.ts';
import type { FaultEvent } from '../simulator/faults/fault-panel.ts';
import { FAULTS, type FaultName, findFault } from '../simulator/faults/fault-table.ts';
import type { Simulator } from '../simulator/simulator.ts';

/** Of all requests to the simulated Microsoft. */
const SHARE = 0.2;
/** Only when it is asked for by name: the bridge gives an answer a minute to begin. */
const SLOW: readonly FaultName[] = ['hang'];

/** The faults of `--faults` (all but the slow ones) or of `--faults NAME,NAME`. Throws a BridgeError for an unknown name. */
export function readFaultNames(option: string | true): readonly FaultName[] {
  if (option === true) return FAULTS.map(({ name }) => name).filter((name) => !SLOW.includes(name));
  return option.split(',').map((text) => {
    const name = text.trim();
    const fault = findFault(name);
    if (fault === null) throw unknownFault(name);
    return fault.name;
  });
}

/** A fifth of the requests goes wrong, each in one of these ways; for so long, or null: until the end. */
export function letFail({ faults }: Simulator, names: readonly FaultName[], forMs: number | null): void {
  const except = FAULTS.map(({ name }) => name).filter((name) => !names.includes(name));
  faults.probability('any', SHARE, { except });
  // Nobody waits for it: the demo may end earlier.
  if (forMs !== null) setTimeout(faults.clear, forMs).unref();
}

/** `fault at graph: throttled (429 with Retry-After in seconds)` */
export function faultLine({ name, service }: FaultEvent): string {
  return `fault at ${service}: ${name} (${findFault(name)?.description ?? ''})`;
}

function unknownFault(name: string): BridgeError {
  return new BridgeError({
    code: 'DEMO_FAULT',
    kind: 'operator',
    message: `there is no fault named ${JSON.stringify(name)}`,
    hint: `Name some of these, with commas between them, or none for all: ${FAULTS.map((fault) => fault.name).join(', ')}.`,
  });
}
