import type { SimulatorRequest } from './exchange.ts';

/** What a test may want to know of a request. Holds no secret and no token. */
interface SeenRequest {
  readonly api: 'login' | 'graph';
  readonly method: string;
  /** With its query, as sent. */
  readonly path: string;
  /** Whether an Authorization header came with it. */
  readonly authorized: boolean;
  readonly prefer: string | null;
}

export interface RequestLog {
  /** Requests since the start or the last `clear`. */
  readonly login: number;
  readonly graph: number;
  /** The latest ones, oldest first. */
  list(): readonly SeenRequest[];
  clear(): void;
  add(api: SeenRequest['api'], request: SimulatorRequest): void;
}

const KEPT = 5000;

export function createRequestLog(): RequestLog {
  let seen: SeenRequest[] = [];
  const counts = { login: 0, graph: 0 };
  return {
    get login() {
      return counts.login;
    },
    get graph() {
      return counts.graph;
    },
    list: () => [...seen],
    clear: () => {
      seen = [];
      counts.login = 0;
      counts.graph = 0;
    },
    add: (api, { method, url, headers }) => {
      counts[api] += 1;
      const authorized = headers['authorization'] !== undefined;
      seen.push({ api, method, path: url, authorized, prefer: headers['prefer'] ?? null });
      if (seen.length > KEPT) seen.shift();
    },
  };
}
