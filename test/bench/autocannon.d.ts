/** The part of autocannon 9 that the benchmarks use; the package brings no types. */
declare module 'autocannon' {
  export interface Request {
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** Called before each sending. */
    readonly setupRequest?: (request: Request) => Request;
  }
  /** One connection. Its `response` comes before the next request is set up. */
  export interface Client {
    setRequests(requests: readonly Request[]): void;
    /** What came in with a piece of the body; the first one has the header block too. */
    on(event: 'body', listener: (received: Uint8Array) => void): unknown;
    on(event: 'response', listener: (status: number, bytes: number, durationMs: number) => void): unknown;
  }
  export interface Options {
    readonly url: string;
    readonly connections: number;
    /** Requests over all connections. */
    readonly amount: number;
    /** Milliseconds; the end of a run is noticed this often. */
    readonly sampleInt: number;
    /** Ends the run after so many errors. */
    readonly bailout: number;
    readonly setupClient: (client: Client) => void;
  }
  export interface Result {
    readonly errors: number;
  }
  export default function autocannon(options: Options): PromiseLike<Result>;
}
