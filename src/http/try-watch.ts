import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import type { TryOutcome } from '../domain/position.ts';
import { askLastWord } from './last-word.ts';
import { measureRoundTrips, type RoundTrips } from './round-trips.ts';
import type { AnyServer } from './server.ts';

export interface TryWatch {
  /** Measures the connections of the server; call it before it listens. */
  measure(server: AnyServer): void;
  /** Resolves when what the client's end behind a try means is known, for every try under the key, or for all: soon. */
  settled(key?: string): Promise<void>;
  /** Stamp of the try that left last on this socket for this connector and feed; null when there is none. */
  stampOn(socket: Socket, key: string): number | null;
  /**
   * Lets everything be heard that has come by now; call it before `watch`, once the answer is ready. A client that gave up
   * while the page was made has ended its side. Were the answer written first, the system would drop it, answer with that
   * end when asked, and keep the reset to itself (measured, TCP and TLS): it would look like a client that took all of it.
   */
  heard(): Promise<void>;
  /**
   * Reports how the sending of a try ends; call it before the answer is written. `report` may be called several times,
   * in the order of events: `sent`, then `closed` or `broken`; or `broken` alone.
   */
  watch(response: ServerResponse, key: string, stampMs: number, report: Report): void;
}

type Report = (outcome: TryOutcome, reason: string) => void;

/**
 * The answer that a socket carries, or carried last. `ended`: the peer's orderly end came after all of it had left;
 * `cut`: it came before; `replaced`: an error answer took the page's place; `told`: what the end means was reported.
 */
interface Sending {
  readonly key: string;
  readonly stampMs: number;
  readonly report: Report;
  state: 'leaving' | 'cut' | 'sent' | 'ended' | 'replaced' | 'told';
}
interface Line {
  sending: Sending;
  /** False once the client sent a request before the answer to an earlier one: nothing it does proves a reading. */
  proves: boolean;
}

/** A reset is waited for that long at least, and for two of the peer's round trips, but no longer than this. */
const SHORTEST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 2_000;

/** How long a socket that is to be closed waits for the peer's end: a slow reader still has to empty its buffers. */
const LINGER_MS = 30_000;

/**
 * Watches sockets for proof that an answer was taken. `finish` and `writableFinished` only mean that the operating
 * system has the bytes: both are set for a client that reset the connection or never read (measured, TCP and TLS). So a
 * finished answer is `sent`; an error afterwards makes it `broken`, and only the client's own orderly end `closed`: a
 * close with unread bytes in the client's buffer resets the connection (RFC 2525 2.17). That is receipt by the peer, no
 * more: a TLS library may say its close_notify, or read and drop, on behalf of a program that never read.
 */
export function createTryWatch(): TryWatch {
  const lines = new WeakMap<Socket, Line>();
  const open = createOpenEnds();
  let roundTrips: RoundTrips = { of: () => 0 };
  const follow = (socket: Socket, first: Sending): Line =>
    followSocket(socket, first, open, () =>
      Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, 2 * roundTrips.of(socket))),
    );

  return {
    measure(server) {
      roundTrips = measureRoundTrips(server, () => performance.now());
    },
    settled: (key) => open.settled(key),
    stampOn(socket, key) {
      const line = lines.get(socket);
      if (line?.sending.key !== key || !line.proves) return null;
      const { state, stampMs } = line.sending;
      return state === 'sent' || state === 'ended' ? stampMs : null;
    },
    async heard() {
      // A message takes its turn behind the sockets that had something to say before it, and in their phase of the loop:
      // from there, node tells that an answer has left before it reads the client's end, however quick the client is.
      const { port1, port2 } = new MessageChannel();
      const turn = once(port2, 'message');
      port1.postMessage(null);
      await turn;
      port1.close();
    },
    watch(response, key, stampMs, report) {
      // Not `response.socket`: that is null while the answer is queued behind another one.
      const { socket } = response.req;
      if (socket.destroyed || socket.readableEnded) {
        report('broken', 'the connection was gone before the answer');
        return;
      }
      const line = lines.get(socket);
      if (response.socket === null) {
        if (line !== undefined) line.proves = false;
        report('broken', 'the request did not wait for the answer before it (pipelining)');
        return;
      }
      const sending: Sending = { key, stampMs, report, state: 'leaving' };
      // A further request came on this socket: what left before needs no more watching.
      if (line === undefined) lines.set(socket, follow(socket, sending));
      else line.sending = sending;
      response.once('finish', () => {
        // Of a socket that was destroyed or ended in the middle of the body, node says `finish` all the same (measured).
        if (socket.destroyed || sending.state === 'cut') return;
        sending.state = response.statusCode === 200 ? 'sent' : 'replaced';
        if (sending.state === 'sent') report('sent', '');
        else report('broken', `${response.statusCode} was sent in place of the page`);
      });
    },
  };
}

/** Ends of clients whose meaning is not known yet, by key. */
interface OpenEnds {
  /** @returns to be called when it is known */
  add(key: string): () => void;
  settled(key?: string): Promise<void>;
}

function createOpenEnds(): OpenEnds {
  const waiting = new Map<string, Set<Promise<void>>>();
  return {
    add(key) {
      const { promise, resolve } = promiseAndResolve();
      const ofKey = waiting.get(key) ?? new Set();
      waiting.set(key, ofKey.add(promise));
      return () => {
        ofKey.delete(promise);
        if (ofKey.size === 0 && waiting.get(key) === ofKey) waiting.delete(key);
        resolve();
      };
    },
    async settled(key) {
      const ends = key === undefined ? [...waiting.values()].flatMap((ofKey) => [...ofKey]) : waiting.get(key);
      await Promise.all(ends ?? []);
    },
  };
}

function promiseAndResolve(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Listens to a socket for its whole life, once, however many answers it carries. */
function followSocket(socket: Socket, first: Sending, open: OpenEnds, waitMs: () => number): Line {
  const line: Line = { sending: first, proves: true };
  let reason = 'connection lost';
  socket.on('error', (error) => {
    reason = error.message;
  });
  // Before node's own listener, which ends our side.
  socket.prependListener('end', () => {
    const { sending } = line;
    // Over TLS node drops what has not left by then.
    if (sending.state === 'leaving') sending.state = 'cut';
    if (sending.state !== 'sent') return;
    sending.state = 'ended';
    // Where our side has ended already, the answer is long away.
    if (socket.writableEnded) return;
    const done = open.add(sending.key);
    askLastWord(socket, waitMs(), (word, why) => {
      sending.state = 'told';
      if (word === 'refused') sending.report('broken', why);
      else if (word === 'taken' && line.proves) sending.report('closed', '');
      done();
    });
  });
  socket.on('close', (hadError) => {
    const { state, report } = line.sending;
    if (state === 'replaced' || state === 'told') return;
    if (hadError || state === 'leaving' || state === 'cut') report('broken', reason);
    else if (state === 'ended' && line.proves && socket.writableEnded) report('closed', '');
  });
  lingerAtEnd(socket);
  return line;
}

/** How long our side stays open behind an answer; a client that waits for our end waits so long. */
const FAREWELL_MS = 500;

/**
 * After `Connection: close` node destroys the socket as soon as the system has the bytes, and would hear neither the
 * client's end nor its reset. Instead the socket waits for the client, and our side is closed only after a while: what TLS
 * says last fails on a connection that was reset, nobody is told, and with that the system has forgotten the reset: the
 * end that is read then looks like an orderly one (measured).
 */
function lingerAtEnd(socket: Socket): void {
  socket.destroySoon = () => {
    socket.setTimeout(LINGER_MS);
    const farewell = setTimeout(() => socket.end(), FAREWELL_MS);
    for (const event of ['end', 'close'] as const)
      socket.once(event, () => {
        clearTimeout(farewell);
        socket.end();
      });
  };
}
