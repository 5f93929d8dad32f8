import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import { buildBridge } from './process/build.ts';
import { createRig, SECRET } from './rig.ts';

const build = await buildBridge();

import { readFileSync, writeFileSync } from 'node:fs';

const tw = build.entryFile.replace('test/chaos/process/bridge-process.js', 'src/http/try-watch.js');
if (process.env['PATCH'] === '1')
  writeFileSync(
    tw,
    readFileSync(tw, 'utf8').replace(
      'if (socket.destroyed) {\n                report',
      'if (socket.destroyed || socket.readableEnded) {\n                report',
    ),
  );
if (process.env['PATCH'] === '2')
  writeFileSync(
    tw,
    readFileSync(tw, 'utf8')
      .replace(
        'const { socket } = response.req;',
        'const { socket } = response.req; process.stderr.write(`watch destroyed=${socket.destroyed} ended=${socket.readableEnded} writableEnded=${socket.writableEnded}\\n`);',
      )
      .replace(
        "socket.on('close', (hadError) => {",
        "socket.on('close', (hadError) => { process.stderr.write(`close ${hadError} ${line.sending.state}\\n`);",
      )
      .replace(
        "socket.on('end', () => {",
        "socket.on('end', () => { process.stderr.write(`end ${line.sending.state}\\n`);",
      ),
  );
const cp = tw.replace('try-watch', 'routes/connector-page');
if (process.env['YIELD'] === '1')
  writeFileSync(
    cp,
    readFileSync(cp, 'utf8').replace(
      'if (attempt !== null) {',
      'await new Promise((r) => setImmediate(r));\n    if (attempt !== null) {',
    ),
  );
const rig = await createRig({
  entryFile: build.entryFile,
  world: { seed: 1, backlog: 300, live: 0, livePeriodMs: 1000, maxEvents: 1 },
});
await rig.bridge.start();
await rig.bridge.untilTold('pollFinished', 1, 5000);
const ca = rig.ca();
let n = 0;
async function ask(abortAfter: number | null): Promise<string> {
  n += 1;
  await rig.pass(20000);
  const tcp = connect(rig.port, '127.0.0.1');
  tcp.on('error', () => undefined);
  const tls = tlsConnect({ socket: tcp, ca, servername: 'localhost' });
  tls.on('error', () => undefined);
  await new Promise((r) => tls.once('secureConnect', r));
  let got = '';
  tls.on('data', (c) => {
    got += c;
  });
  tls.write(
    `GET /v1/feeds/default/detections?since=${new Date(rig.time.clock.now()).toISOString()} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Basic ${Buffer.from('arcsight-01:' + SECRET).toString('base64')}\r\n\r\n`,
  );
  if (abortAfter === null) await new Promise((r) => tls.once('close', r));
  else {
    const end = performance.now() + abortAfter;
    if (abortAfter >= 1) await sleep(abortAfter);
    else while (performance.now() < end);
    tls.destroy();
  }
  const body = got.slice(got.indexOf('\r\n\r\n') + 4);
  try {
    const a = JSON.parse(body);
    return a.length === 0 ? '[]' : `${a[0].FeedSeq}-${a.at(-1).FeedSeq}`;
  } catch {
    return `?${got.length}`;
  }
}
const args = process.argv.slice(2).map(Number);
for (const d of args) {
  const before = await ask(null);
  const cut = await ask(d);
  await sleep(30);
  const after = await ask(null);
  console.log(
    d,
    before,
    cut,
    after,
    Number(before.split('-')[1]) + 1 === Number(after.split('-')[0]) || !cut.startsWith('?') || after === '[]'
      ? ''
      : 'LOST',
    rig.bridge.count('tryBroken'),
  );
  await sleep(20);
}
await rig.close();
await build.remove();
