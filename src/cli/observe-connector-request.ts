import { bridgeLogins } from '../bridge-logins.ts';
import type { Config } from '../config/config.ts';
import { parseDuration } from '../config/quantity.ts';
import { BridgeError } from '../domain/errors.ts';
import type { CurrentSettings } from '../domain/observation-advice.ts';
import { isProbe, PROBE_NAMES, type ProbeName } from '../domain/observation-probe.ts';
import type { ObserveArgs } from '../feed/command-args.ts';
import type { ConnectorLogin } from '../http/access.ts';
import { openAccessStore } from '../store/sqlite-access-store.ts';

const SHORTEST_MS = 1000;
const LONGEST_MS = 24 * 3_600_000;

/** @throws BridgeError OBSERVE_FOR, OBSERVE_PROBE_UNKNOWN, OBSERVE_NO_POSITION or CONNECTOR_UNKNOWN */
export function readRequest(
  options: { readonly connector: string; readonly for: string; readonly probe?: string },
  config: Config,
): ObserveArgs {
  const forMs = parseFor(options.for);
  const probes = options.probe === undefined ? [] : parseProbes(options.probe);
  const { connector } = options;
  const login = loginOf(connector, config);
  const feeds = config.feeds
    .filter(({ name }) => login.feeds.has(name))
    .map(({ name, acknowledge }) => ({ feed: name, acknowledge }));
  if (probes.length > 0 && feeds.every(({ acknowledge }) => acknowledge === 'none')) throw noPosition(connector);
  return { connector, clientId: login.auth.kind === 'oauth2' ? login.auth.clientId : null, forMs, probes, feeds };
}

/** What the advice compares with. */
export function settingsOf(connector: string, config: Config): CurrentSettings {
  const { feeds, auth } = loginOf(connector, config);
  return {
    feeds: config.feeds
      .filter(({ name }) => feeds.has(name))
      .map(({ name, acknowledge, receiptTime, page }) => ({
        name,
        acknowledge,
        receiptTime,
        maxEvents: page.maxEvents,
      })),
    connectorSilentMs: config.alarms.connectorSilentMs,
    login: auth.kind,
  };
}

/** @throws BridgeError CONNECTOR_UNKNOWN that names those there are */
function loginOf(connector: string, config: Config): ConnectorLogin {
  const access = openAccessStore(config.dataDir);
  try {
    const { connectors } = bridgeLogins(config, access);
    const login = connectors.find(({ name, feeds }) => name === connector && feeds.size > 0);
    if (login !== undefined) return login;
    throw new BridgeError({
      code: 'CONNECTOR_UNKNOWN',
      kind: 'operator',
      message: `there is no connector ${JSON.stringify(connector.slice(0, 64))} that may read a feed`,
      hint:
        connectors.length === 0
          ? 'Create one: flexbridge connector create'
          : `There are: ${connectors.map(({ name }) => name).join(', ')}. Their feeds: connectors[].feeds.`,
    });
  } finally {
    access.close();
  }
}

function parseFor(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms >= SHORTEST_MS && ms <= LONGEST_MS) return ms;
  throw new BridgeError({
    code: 'OBSERVE_FOR',
    kind: 'operator',
    message: `${JSON.stringify(text.slice(0, 40))} is no time to observe`,
    hint: 'Give a number and a unit from 1s to 24h, such as 15m: long enough for ten polls, with probes for thirty.',
  });
}

function parseProbes(text: string): readonly ProbeName[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.length === 1 && names[0] === 'all') return PROBE_NAMES;
  return [...new Set(names.map((name) => (isProbe(name) ? name : unknownProbe(name))))];
}

function unknownProbe(name: string): never {
  throw new BridgeError({
    code: 'OBSERVE_PROBE_UNKNOWN',
    kind: 'operator',
    message: `there is no probe ${JSON.stringify(name.slice(0, 40))}`,
    hint: `Probes are: ${PROBE_NAMES.join(', ')}; with commas between them, or all.`,
  });
}

function noPosition(connector: string): BridgeError {
  return new BridgeError({
    code: 'OBSERVE_NO_POSITION',
    kind: 'operator',
    message: `the feeds of ${connector} have "acknowledge: none": a probed answer could lose events there`,
    hint: 'Observe it without --probe, or set "acknowledge: progress" for the feed.',
  });
}
