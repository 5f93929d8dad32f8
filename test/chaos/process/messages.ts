/** To the bridge's process: time passes, or somebody sets its wall clock. Answered by `moved` with the same number. */
export interface Order {
  readonly kind: 'pass' | 'set';
  readonly number: number;
  readonly ms: number;
}

/** From it. */
export type Word =
  | { readonly kind: 'started'; readonly url: string }
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'moved'; readonly number: number }
  /** Something that the bridge told: names and counts only. */
  | { readonly kind: 'told'; readonly event: Told };

export interface Told {
  readonly name: string;
  /** Of an event that carries an error. */
  readonly code?: string;
}

export function readOrder(message: unknown): Order | null {
  if (typeof message !== 'object' || message === null) return null;
  if (!('kind' in message && 'number' in message && 'ms' in message)) return null;
  const { kind, number, ms } = message;
  if ((kind !== 'pass' && kind !== 'set') || typeof number !== 'number' || typeof ms !== 'number') return null;
  return { kind, number, ms };
}

export function readWord(message: unknown): Word | null {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return null;
  const { kind } = message;
  if (kind === 'started' && 'url' in message && typeof message.url === 'string') return { kind, url: message.url };
  if (kind === 'refused' && 'problem' in message && typeof message.problem === 'string')
    return { kind, problem: message.problem };
  if (kind === 'moved' && 'number' in message && typeof message.number === 'number')
    return { kind, number: message.number };
  if (kind === 'told' && 'event' in message) {
    const event = readTold(message.event);
    return event && { kind, event };
  }
  return null;
}

function readTold(event: unknown): Told | null {
  if (typeof event !== 'object' || event === null || !('name' in event) || typeof event.name !== 'string') return null;
  return 'code' in event && typeof event.code === 'string'
    ? { name: event.name, code: event.code }
    : { name: event.name };
}
