import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TimeModeName } from '../../src/connector/connector-time.ts';
import { loadParser } from '../../src/connector/interpreter/load-parser.ts';
import { renderParserFile } from '../../src/connector/parser-file.ts';
import { createPoller } from '../../src/connector/poller.ts';
import { DEFAULT_CHOICES } from '../../src/domain/arcsight-choices.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { ask } from '../support/https.ts';
import type { Stage } from './stage.ts';
import { CONNECTOR, CONNECTOR_SECRET } from './written.ts';

/** How a connector behaves. */
export interface Habits {
  readonly polls: number;
  readonly mode?: TimeModeName;
  readonly password?: string;
  /** Whether it gets through; true without it. */
  readonly isLetIn?: boolean;
}

/** A connector that asks so many times, one after the other, and takes in what it gets. Throws when that goes otherwise. */
export async function connect(stage: Stage, habits: Habits): Promise<void> {
  const { polls, mode = 'newest-event', password = CONNECTOR_SECRET, isLetIn = true } = habits;
  const poller = createPoller({
    url: feedUrl(stage, '$START_AT_TIME'),
    ca: authority(stage),
    authorization: { kind: 'basic', user: CONNECTOR, password },
    parser: loadParser(Buffer.from(parserFile(), 'latin1')).definition,
    mode,
    clock: systemClock,
    startTimeMs: systemClock.now(),
  });
  try {
    for (let poll = 0; poll < polls; poll += 1) {
      const result = await poller.poll(AbortSignal.timeout(30_000));
      const was = result.kind === 'failed' ? result.message : 'it was let in';
      if ((result.kind === 'received') !== isLetIn) throw new Error(`the connector's poll went otherwise: ${was}`);
    }
  } finally {
    poller.close();
  }
}

/** One request of a connector that runs on the machine with this address. */
export async function askFrom(stage: Stage, localAddress: string, since: string): Promise<void> {
  const { status } = await ask(feedUrl(stage, encodeURIComponent(since)), authority(stage), {
    user: CONNECTOR,
    password: CONNECTOR_SECRET,
    localAddress,
  });
  if (status !== 200) throw new Error(`the connector at ${localAddress} was answered ${status}`);
}

function feedUrl({ publicUrl }: Stage, since: string): string {
  // The bridge listens on IPv4 alone, and its certificate is good for the address too.
  return `${publicUrl.replace('localhost', '127.0.0.1')}/v1/feeds/default/detections?since=${since}`;
}

function authority({ folder }: Stage): string {
  const own = join(folder, 'data', 'tls', 'ca.pem');
  return readFileSync(existsSync(own) ? own : join(folder, 'private-ca.pem'), 'utf8');
}

function parserFile(): string {
  return renderParserFile({ feed: 'default', layout: 'microsoft', receiptTime: 'feed', choices: DEFAULT_CHOICES });
}
