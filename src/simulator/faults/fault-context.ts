import type { SimulatorAnswer, SimulatorRequest } from '../exchange.ts';
import type { Random } from '../random.ts';
import type { Service } from '../service.ts';

/** How long things take that go wrong. */
export interface FaultTimes {
  /** In Retry-After; default 2. */
  readonly retryAfterSeconds: number;
  /** Between two bytes of a dripping body, and how many there are; default 40 of 250 ms. */
  readonly dripEveryMs: number;
  readonly dripBytes: number;
  /** Added to a record that is too large; default 80 MB. */
  readonly largeRecordBytes: number;
}

export const USUAL_FAULT_TIMES: FaultTimes = {
  retryAfterSeconds: 2,
  dripEveryMs: 250,
  dripBytes: 40,
  largeRecordBytes: 80_000_000,
};

/** The request that something happens to. */
export interface FaultContext {
  readonly service: Service;
  readonly request: SimulatorRequest;
  readonly nowMs: number;
  readonly times: FaultTimes;
  readonly random: Random;
  /** A host that must never get a token. */
  readonly strangerUrl: string;
  /** What would be answered without any fault. */
  readonly proper: (request?: SimulatorRequest) => SimulatorAnswer;
  /** The token of this request is over. */
  readonly endToken: () => void;
  /** So many of the next connections meet a certificate that nobody trusts. */
  readonly changeCertificate: (connections: number) => void;
}
