/** A request as the simulator's handlers see it. */
export interface SimulatorRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Path and query as sent. */
  readonly url: string;
  /** `https://host:port` as the client addressed it. */
  readonly origin: string;
  /** `stale`: a replica answers that has not heard of the latest version of any alert. */
  readonly replica?: 'stale';
}

export interface SimulatorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** How it gets to the client; whole and at once without it. */
  readonly delivery?: Delivery;
  /** The records in a list that is sent whole and readable; an answer that a client cannot read has none. */
  readonly page?: AnswerPage;
  /** The records of an answer that one client takes and another, more careful one does not. */
  readonly doubtful?: AnswerPage;
}

/** What happens on the socket instead of the plain sending of an answer. */
export type Delivery =
  /** Nothing is sent; the connection stays until the listener is closed or the client gives up. */
  | { readonly kind: 'hang' }
  /** The connection is reset after this share of the body, 0 to 1; null: before any byte of the answer. */
  | { readonly kind: 'reset'; readonly afterShare: number | null }
  /** An orderly end of the connection in the middle of a chunked body. */
  | { readonly kind: 'truncate' }
  /** One byte every `everyMs`, `bytes` of them; then the connection is reset. */
  | { readonly kind: 'drip'; readonly everyMs: number; readonly bytes: number }
  /** `bytes` more bytes (letters) at this offset of the body. */
  | { readonly kind: 'swell'; readonly offset: number; readonly bytes: number };

/** The records of a list answer, apart from its text, so that a fault can change them. */
export interface AnswerPage {
  readonly rows: readonly AnswerRow[];
  readonly nextLink: string | null;
  /** A link to this same page; null for an API without links. */
  again(): string | null;
  /** The body for these records and this link. */
  print(values: readonly unknown[], nextLink: string | null): string;
}

export interface AnswerRow {
  readonly alertId: string;
  /** Names the version that is shown, see `Simulator.served`. */
  readonly version: string;
  readonly value: unknown;
}

/** An answer that replaces the proper one. Without a body the API's own error body for the status is sent. */
export interface Fault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
}

export type Handler = (request: SimulatorRequest) => SimulatorAnswer;

export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): SimulatorAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}
