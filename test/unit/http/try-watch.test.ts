import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTryWatch } from '../../../src/http/try-watch.ts';
import { reset } from '../../support/reset.ts';
import {
  answer,
  closed,
  createSockets,
  KEY,
  LARGE,
  MIDDLING,
  observe,
  only,
  SMALL,
  type Sockets,
} from './try-watch-rig.ts';

let sockets: Sockets;

beforeEach(async () => {
  sockets = await createSockets();
});
afterEach(async () => {
  await sockets.close();
});

describe.each(['TCP', 'TLS'])('the watch of a try over %s', (transport) => {
  it.each([
    ['a small', SMALL],
    ['a large', LARGE],
  ])('calls %s answer sent and then closed when the client read all of it and ended orderly', async (_size, body) => {
    const { rig, reports, count } = await sockets.watched(transport, body);
    const client = await sockets.connect(transport, rig);
    client.ask();
    await client.read(body.length);
    client.socket.end();
    await count(2);
    expect(reports).toEqual(['sent', 'closed']);
  });

  it('calls an answer sent, and no more, while the client keeps the connection', async () => {
    const { rig, reports, watch } = await sockets.watched(transport, SMALL);
    const client = await sockets.connect(transport, rig);
    client.ask();
    await client.read(SMALL.length);
    expect(reports).toEqual(['sent']);
    expect(watch.stampOn(only(rig.sockets), KEY)).toBe(1000);
  });

  it('calls an answer broken when the client resets in the middle of it', async () => {
    const { rig, reports } = await sockets.watched(transport, LARGE);
    const client = await sockets.connect(transport, rig);
    client.ask();
    await client.read(1_000_000);
    const gone = closed(only(rig.sockets));
    client.reset();
    await gone;
    expect(reports).toEqual(['broken']);
  });

  it('calls an answer broken when the client never reads a byte and goes', async () => {
    const { rig, reports } = await sockets.watched(transport, LARGE);
    const client = await sockets.connect(transport, rig);
    client.ask();
    await once(client.socket, 'readable');
    const gone = closed(only(rig.sockets));
    client.socket.destroy();
    await gone;
    expect(reports).toEqual(['broken']);
  });

  it.each([
    ['a connection that is kept', []],
    ['Connection: close', ['Connection: close']],
  ])(
    'takes back sent when the client resets without reading, on %s, though writableFinished was true',
    async (_name, headers) => {
      const { rig, reports, responses, count } = await sockets.watched(transport, SMALL);
      const client = await sockets.connect(transport, rig);
      client.ask(...headers);
      await count(1);
      expect(reports).toEqual(['sent']);
      // The proof that node's own word for "done" must not be trusted: nothing has been read.
      expect(only(responses).writableFinished).toBe(true);
      const gone = closed(only(rig.sockets));
      client.reset();
      await gone;
      expect(reports).toEqual(['sent', 'broken']);
    },
  );

  it('takes back sent when the client resets in the middle of the body, though writableFinished was true', async () => {
    const { rig, reports, responses, count } = await sockets.watched(transport, MIDDLING);
    const client = await sockets.connect(transport, rig);
    client.ask();
    await client.read(1);
    await count(1);
    expect(reports).toEqual(['sent']);
    expect(only(responses).writableFinished).toBe(true);
    const gone = closed(only(rig.sockets));
    client.reset();
    await gone;
    expect(reports).toEqual(['sent', 'broken']);
  });

  it('says nothing of an answer that nobody reads', async () => {
    const { rig, reports, responses, count } = await sockets.watched(transport, LARGE);
    const client = await sockets.connect(transport, rig);
    client.ask();
    await once(client.socket, 'readable');
    const other = await sockets.connect(transport, rig);
    other.ask();
    await other.read(LARGE.length);
    await count(1);
    expect(reports).toEqual(['sent']);
    expect(responses.map(({ writableFinished }) => writableFinished)).toEqual([false, true]);
  });

  it('hears the end of a client that asked for Connection: close', async () => {
    const { rig, reports, count } = await sockets.watched(transport, SMALL);
    const client = await sockets.connect(transport, rig);
    client.ask('Connection: close');
    await client.read(SMALL.length);
    client.socket.end();
    await count(2);
    expect(reports).toEqual(['sent', 'closed']);
  });

  it('takes an end before the answer for no proof', async () => {
    const seen = observe();
    const watch = createTryWatch();
    const rig = await sockets.serve(transport, (request, response) => {
      request.socket.once('end', () => {
        watch.watch(response, KEY, 1000, seen.report);
        answer(response, SMALL);
      });
    });
    const client = await sockets.connect(transport, rig);
    client.ask();
    client.socket.end();
    await seen.count(1);
    expect(seen.reports).toEqual(['broken']);
  });

  it('calls an answer broken when the client ends before all of it has left, even if it goes on reading', async () => {
    const { rig, reports, count } = await sockets.watched(transport, LARGE);
    const client = await sockets.connect(transport, rig);
    client.ask();
    await once(client.socket, 'readable');
    const gone = once(only(rig.sockets), 'close');
    client.socket.end();
    await once(only(rig.sockets), 'end');
    client.socket.resume();
    await count(1);
    await gone;
    expect(reports).toEqual(['broken']);
  });

  it('calls an answer broken when the server stops while sending it', async () => {
    const { rig, reports, count } = await sockets.watched(transport, LARGE);
    const client = await sockets.connect(transport, rig);
    client.ask();
    await once(client.socket, 'readable');
    rig.closeAllConnections();
    await count(1);
    expect(reports).toEqual(['broken']);
  });

  it('calls an answer broken when the client process is killed while reading', async () => {
    const { rig, reports, count } = await sockets.watched(transport, LARGE);
    const child = sockets.slowReader(transport, rig);
    if (child.stdout === null) throw new Error('no output');
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await count(1);
    expect(reports).toEqual(['broken']);
  });

  it('gives the stamp of the answer before on the next request of the same socket, for its own feed only', async () => {
    const stamps: (number | null)[] = [];
    const watch = createTryWatch();
    const rig = await sockets.serve(transport, (request, response) => {
      stamps.push(watch.stampOn(request.socket, KEY), watch.stampOn(request.socket, 'arcsight-01\nother'));
      watch.watch(response, KEY, stamps.length * 500, () => undefined);
      answer(response, SMALL);
    });
    const client = await sockets.connect(transport, rig);
    for (let request = 0; request < 3; request += 1) {
      client.ask();
      await client.read(SMALL.length);
    }
    expect(stamps).toEqual([null, null, 1000, null, 2000, null]);
    const other = await sockets.connect(transport, rig);
    other.ask();
    await other.read(SMALL.length);
    expect(stamps.slice(6)).toEqual([null, null]);
  });

  it('adds no listeners with the requests of one socket', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => {
      warnings.push(warning);
    };
    process.on('warning', warn);
    const { rig, reports } = await sockets.watched(transport, SMALL);
    const client = await sockets.connect(transport, rig);
    const counts: number[] = [];
    for (let request = 0; request < 100; request += 1) {
      client.ask();
      await client.read(SMALL.length);
      counts.push(['error', 'end', 'close'].reduce((sum, name) => sum + only(rig.sockets).listenerCount(name), 0));
    }
    process.off('warning', warn);
    expect(reports).toEqual(Array.from({ length: 100 }, () => 'sent'));
    expect(new Set(counts.slice(1)).size).toBe(1);
    expect(warnings.filter(({ name }) => name === 'MaxListenersExceededWarning')).toEqual([]);
  });

  it('takes requests that do not wait for each other for no proof', async () => {
    const { rig, reports, reasons, watch, count } = await sockets.watched(transport, SMALL);
    const client = await sockets.connect(transport, rig);
    client.socket.cork();
    client.ask();
    client.ask();
    client.socket.uncork();
    await client.read(2 * SMALL.length);
    await count(2);
    expect(reports.toSorted()).toEqual(['broken', 'sent']);
    expect(reasons.find((reason) => reason !== '')).toContain('pipelining');
    expect(watch.stampOn(only(rig.sockets), KEY)).toBeNull();
    const gone = once(only(rig.sockets), 'close');
    client.socket.end();
    await gone;
    expect(reports).toHaveLength(2);
  });

  it('says at once that a connection is gone before its answer', async () => {
    const seen = observe();
    const watch = createTryWatch();
    let arrived = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const rig = await sockets.serve(transport, (request, response) => {
      arrived();
      request.socket.once('close', () => {
        watch.watch(response, KEY, 1000, seen.report);
        answer(response, SMALL);
      });
    });
    const client = await sockets.connect(transport, rig);
    client.ask();
    await asked;
    client.reset();
    await seen.count(1);
    expect(seen.reports).toEqual(['broken']);
  });

  it('hears a reset that comes before its own end has left', async () => {
    const { rig, reports, count } = await sockets.watched(transport, SMALL);
    const tcp = connect(rig.port, '127.0.0.1');
    const socket = transport === 'TLS' ? connectTls({ socket: tcp, rejectUnauthorized: false }) : tcp;
    for (const one of [tcp, socket]) one.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    socket.once('data', () => {
      reset(tcp);
    });
    await count(2);
    expect(reports).toEqual(['sent', 'broken']);
  });

  it('calls an answer broken when the client gave up while it was made', async () => {
    const seen = observe();
    const watch = createTryWatch();
    const rig = await sockets.serve(transport, (_request, response) => {
      client.socket.destroy();
      void watch.heard().then(() => {
        watch.watch(response, KEY, 1000, seen.report);
        answer(response, SMALL);
      });
    });
    const client = await sockets.connect(transport, rig);
    client.ask('Connection: close');
    await seen.count(1);
    await closed(only(rig.sockets));
    expect(seen.reports).toEqual(['broken']);
  });

  it('calls an answer broken when the client had ended its side before it came, and its system refused it', async () => {
    const { rig, reports, count } = await sockets.watched(transport, SMALL);
    const tcp = connect(rig.port, '127.0.0.1');
    const socket = transport === 'TLS' ? connectTls({ socket: tcp, rejectUnauthorized: false }) : tcp;
    for (const one of [tcp, socket]) one.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await count(1);
    const ended = once(only(rig.sockets), 'end');
    tcp.end();
    await ended;
    // On a real line one round trip later.
    reset(tcp);
    await count(2);
    expect(reports).toEqual(['sent', 'broken']);
  });

  it('knows of no end that is not settled once it was asked to wait', async () => {
    const { rig, reports, watch, count } = await sockets.watched(transport, SMALL);
    const client = await sockets.connect(transport, rig);
    client.ask();
    await client.read(SMALL.length);
    await count(1);
    const ended = once(only(rig.sockets), 'end');
    client.socket.end();
    await ended;
    expect(reports).toEqual(['sent']);
    await watch.settled(KEY);
    expect(reports).toEqual(['sent', 'closed']);
  });

  it('calls a page broken when an error answer went out in its place', async () => {
    const seen = observe();
    const watch = createTryWatch();
    const rig = await sockets.serve(transport, (_request, response) => {
      watch.watch(response, KEY, 1000, seen.report);
      response.statusCode = 503;
      response.end(SMALL);
    });
    const client = await sockets.connect(transport, rig);
    client.ask();
    await client.read(SMALL.length);
    const gone = once(only(rig.sockets), 'close');
    client.socket.end();
    await gone;
    expect(seen.reports).toEqual(['broken']);
    expect(watch.stampOn(only(rig.sockets), KEY)).toBeNull();
  });
});
