import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

const ASK_EVERY_MS = 5;
const GIVE_UP_MS = 30_000;

/** Asks every 5 ms until the answer is a 200; throws after half a minute. */
export async function whenAnswering(url: string): Promise<void> {
  const giveUp = performance.now() + GIVE_UP_MS;
  while ((await statusOf(url)) !== 200) {
    if (performance.now() > giveUp) throw new Error(`${url} did not answer with 200`);
    await wait(ASK_EVERY_MS);
  }
}

/** Null when nobody answers. */
function statusOf(url: string): Promise<number | null> {
  return new Promise((resolve) => {
    const request = url.startsWith('https:') ? requestHttps : requestHttp;
    // Not verified: at a first start there is no certificate yet to trust.
    const asked = request(url, { agent: false, rejectUnauthorized: false }, (response) => {
      response.resume().once('close', () => {
        resolve(response.statusCode ?? null);
      });
    });
    asked.once('error', () => {
      resolve(null);
    });
    asked.end();
  });
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}
