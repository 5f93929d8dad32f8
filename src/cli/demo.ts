import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { renderPack, writePack } from '../connector/bundle.ts';
import type { ArcSightEvent } from '../connector/interpreter/interpret.ts';
import { loadParser } from '../connector/interpreter/load-parser.ts';
import { createPoller, type Poller } from '../connector/poller.ts';
import { DEFAULT_CHOICES } from '../domain/arcsight-choices.ts';
import { systemClock } from '../domain/clock.ts';
import { DEFAULT_REDIRECT_URIS } from '../domain/connector-auth.ts';
import type { FaultEvent } from '../simulator/faults/fault-panel.ts';
import type { Console } from './console.ts';
import { type Chain, createChain, DEMO_TENANT } from './demo-chain.ts';
import { faultLine, letFail, readFaultNames } from './demo-faults.ts';
import { createWatch, type Watch } from './demo-watch.ts';
import { eventHeader, eventLine } from './event-table.ts';

const FEED = 'default';
const POLL_EVERY_MS = 2000;
const ONCE_LIMIT_MS = 90_000;
/** After a failure the bridge waits, the longer the more there are in a row. */
const FAULTY_LIMIT_MS = 900_000;
/** With --once Microsoft is well again after this time: the bridge's waits must not grow into the minutes. */
const FAULTY_FOR_MS = 30_000;
const LONG_IDLE = 200;

/** The whole chain on this machine: simulated Microsoft, the bridge, and a connector that reads the generated files. */
export async function demo(options: DemoOptions, console: Console): Promise<number> {
  const watch = createWatch();
  const faults = options.faults === undefined ? null : readFaultNames(options.faults);
  const sayFault = (event: FaultEvent): void => {
    console.out(`${faultLine(event)}\n`);
  };
  const chain = await createChain({
    seed: 1,
    backlog: 40,
    live: options.once ? 0 : 500,
    livePeriodMs: 5000,
    mainFile: fileURLToPath(new URL('../main.js', import.meta.url)),
    onLog: watch.take,
    ...(faults === null ? {} : { onFault: sayFault }),
  });
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop.abort();
    });
  }
  try {
    const expected = chain.simulator.world.visible(DEMO_TENANT, systemClock.now()).map(({ id }) => id);
    console.out('Starting a simulated Microsoft and the bridge ...\n');
    if (faults !== null) letFail(chain.simulator, faults, options.once ? FAULTY_FOR_MS : null);
    await chain.startBridge();
    const poller = await connect(chain);
    console.out(await welcome(chain, options.once ?? false));
    console.out(`${eventHeader()}\n`);
    return options.once
      ? await once({ poller, watch, expected, isFaulty: faults !== null, stop: stop.signal }, console)
      : await forever(poller, stop.signal, console);
  } finally {
    console.out('Stopping ...\n');
    await chain.close();
  }
}

export interface DemoOptions {
  readonly once?: boolean;
  /** Names with commas between them; true for all. */
  readonly faults?: string | true;
}

/** A connector that knows nothing but the generated files, the address and its login. */
async function connect(chain: Chain): Promise<Poller> {
  const { name, secret } = await chain.login('connector');
  const folder = join(chain.folder, 'pack');
  const settings = {
    feed: FEED,
    layout: 'microsoft',
    receiptTime: 'feed',
    publicUrl: chain.bridgeUrl,
    choices: DEFAULT_CHOICES,
    login: { kind: 'oauth2', connector: name, clientId: name, redirectUri: DEFAULT_REDIRECT_URIS[0] },
    caPem: await chain.caPem(),
  } as const;
  await writePack(folder, renderPack(settings));
  const { definition } = loadParser(await readFile(join(folder, `${FEED}.jsonparser.properties`)));
  return createPoller({
    url: `${chain.bridgeUrl}/v1/feeds/${FEED}/detections?since=$START_AT_TIME`,
    ca: await chain.caPem(),
    authorization: { kind: 'basic', user: name, password: secret },
    parser: definition,
    mode: 'newest-event',
    clock: systemClock,
    startTimeMs: systemClock.now(),
  });
}

async function welcome(chain: Chain, once: boolean): Promise<string> {
  const connector = await chain.login('connector');
  const operator = await chain.login('operator');
  const data = join(chain.folder, 'data');
  return `
  Microsoft (simulated)  ${chain.microsoftUrl}   CA: ${join(chain.folder, 'microsoft-ca.pem')}
  Feed                   ${chain.bridgeUrl}/v1/feeds/${FEED}/detections?since=   login ${connector.name} ${connector.secret}
  Status                 ${chain.bridgeUrl}/status.json   login ${operator.name} ${operator.secret}
  Health                 ${chain.bridgeUrl}/readyz
  Files for ArcSight     ${join(chain.folder, 'pack')}
  Configuration          ${chain.configFile}
  CA of the bridge       ${join(data, 'tls', 'ca.pem')}
${once ? '' : '  Ctrl-C stops all and removes the folder.\n'}
`;
}

async function forever(poller: Poller, signal: AbortSignal, { out, err }: Console): Promise<number> {
  while (!signal.aborted) {
    const result = await poller.poll(signal);
    if (result.kind === 'failed' && result.reason !== 'aborted') err(`poll failed: ${result.message}\n`);
    if (result.kind === 'received') out(result.events.map((event) => `${eventLine(event)}\n`).join(''));
    await sleep(POLL_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return 0;
}

interface OnceDeps {
  readonly poller: Poller;
  readonly watch: Watch;
  /** Ids of the alerts that Microsoft had when the bridge started. */
  readonly expected: readonly string[];
  /** Nothing is final before everything has arrived. */
  readonly isFaulty: boolean;
  readonly stop: AbortSignal;
}

/** Polls until everything that Microsoft had has arrived, or says which link of the chain failed. */
async function once({ poller, watch, expected, isFaulty, stop }: OnceDeps, { out, err }: Console): Promise<number> {
  const deadline = AbortSignal.any([stop, AbortSignal.timeout(isFaulty ? FAULTY_LIMIT_MS : ONCE_LIMIT_MS)]);
  const events: ArcSightEvent[] = [];
  const missingOf = () => {
    const delivered = new Set(events.map(({ additionalData }) => additionalData['AlertId']));
    return expected.filter((id) => !delivered.has(id));
  };
  let failure = '';
  let idlePolls = 0;
  while (!deadline.aborted) {
    const result = await poller.poll(deadline);
    if (result.kind === 'failed') failure = result.message;
    if (result.kind === 'received') {
      events.push(...result.events);
      out(result.events.map((event) => `${eventLine(event)}\n`).join(''));
      if (result.events.length > 0) idlePolls = 0;
      else if (watch.stored() > 0) idlePolls += 1;
      // Where things go wrong, much arrives before the poll that brought it has said how much it was.
      const isAll = missingOf().length === 0 && (watch.stored() >= expected.length || idlePolls > LONG_IDLE);
      if (idlePolls > 0 && (!isFaulty || isAll)) break;
    }
    await sleep(watch.stored() > 0 ? 50 : 200, undefined, { signal: deadline }).catch(() => undefined);
  }
  const delivered = new Set(events.map(({ additionalData }) => additionalData['AlertId']));
  const missing = missingOf();
  out(
    `\nMicrosoft had ${expected.length} alerts, stored ${watch.stored()} alerts as ${watch.events()} events, delivered ${events.length} events of ${delivered.size} alerts.\n`,
  );
  if (missing.length === 0 && events.length > 0) return 0;
  err(
    `Not everything arrived: ${missing.length} alerts are missing. ${watch.failure() || failure || 'No reason was given in time.'}\n`,
  );
  return 1;
}
