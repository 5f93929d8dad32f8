import { mkdirSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { ConnectorAuth } from '../domain/connector-auth.ts';
import { BridgeError } from '../domain/errors.ts';
import type { AccessStore, StoredConnector } from '../store/access-store.ts';
import { openAccessStore } from '../store/sqlite-access-store.ts';
import { guard } from '../store/store-error.ts';

/** The logins of connectors, as configuration and database have them. */
export interface ConnectorBook {
  readonly config: Config;
  readonly access: AccessStore;
  /** Configured ones first, then created ones, each by name. */
  entries(): readonly BookEntry[];
}

export interface BookEntry {
  readonly name: string;
  readonly auth: ConnectorAuth;
  /** Null: every one, those too that will be added. */
  readonly feeds: readonly string[] | null;
  readonly origin: 'configuration' | 'created';
  readonly createdMs: number | null;
  /** Created, and not in use: the configuration has one of that name, which wins. */
  readonly isHidden: boolean;
}

const DATA_FOLDER = { name: 'the data folder', whenDamaged: '' };

/**
 * Opens the database of logins beside a `serve` that may be running; where there is none yet, it is made, folder and all.
 * @throws ConfigError, or BridgeError where the file cannot be opened
 */
export async function withConnectorBook<Result>(
  argvPath: string | undefined,
  work: (book: ConnectorBook) => Promise<Result>,
): Promise<Result> {
  return withBookOf(await loadConfig({ argvPath }), work);
}

/** Likewise, for a configuration that is loaded. */
export async function withBookOf<Result>(
  config: Config,
  work: (book: ConnectorBook) => Result | Promise<Result>,
): Promise<Result> {
  const { dataDir } = config;
  guard(dataDir, () => mkdirSync(dataDir, { recursive: true, mode: 0o700 }), DATA_FOLDER);
  const access = openAccessStore(dataDir);
  try {
    return await work({ config, access, entries: () => entriesOf(config, access) });
  } finally {
    access.close();
  }
}

function entriesOf(config: Config, access: AccessStore): readonly BookEntry[] {
  const names = new Set(config.connectors.map(({ name }) => name));
  return [
    ...config.connectors
      .map(({ name, auth, feeds }): BookEntry => {
        return { name, auth, feeds, origin: 'configuration', createdMs: null, isHidden: false };
      })
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...access.connectors().map((connector): BookEntry => {
      return { ...connector, origin: 'created', isHidden: names.has(connector.name) };
    }),
  ];
}

/**
 * The connector that a login of this name is; a configured one wins.
 * @throws BridgeError CONNECTOR_UNKNOWN
 */
export function findConnector(book: ConnectorBook, name: string): BookEntry {
  const found = book.entries().find((entry) => entry.name === name && !entry.isHidden);
  if (found === undefined) throw unknownConnector(book, name);
  return found;
}

/**
 * A connector that a command may change.
 * @throws BridgeError CONNECTOR_UNKNOWN, CONNECTOR_CONFIGURED
 */
export function createdConnector(book: ConnectorBook, name: string, wanted: string): StoredConnector {
  const isConfigured = book.config.connectors.some((connector) => connector.name === name);
  if (isConfigured) throw configured(name, wanted);
  const found = book.access.connectors().find((connector) => connector.name === name);
  if (found === undefined) throw unknownConnector(book, name);
  return found;
}

function configured(name: string, wanted: string): BridgeError {
  return new BridgeError({
    code: 'CONNECTOR_CONFIGURED',
    kind: 'operator',
    message: `the connector ${name} stands in the configuration, so no command can ${wanted} it`,
    hint: 'Change connectors in the configuration file, and restart serve.',
  });
}

function unknownConnector(book: ConnectorBook, name: string): BridgeError {
  const names = book.entries().map((entry) => entry.name);
  return new BridgeError({
    code: 'CONNECTOR_UNKNOWN',
    kind: 'operator',
    message: `there is no connector ${JSON.stringify(name.slice(0, 80))}`,
    hint:
      names.length === 0
        ? 'There is none at all: flexbridge connector create NAME makes one.'
        : `There are: ${[...new Set(names)].join(', ')}.`,
  });
}

/** Ids of the refresh tokens that were given to a connector. */
export function grantsOf({ access }: ConnectorBook, name: string): readonly string[] {
  const tokens = access.refreshTokens().filter(({ connector }) => connector === name);
  return [...new Set(tokens.map(({ grant }) => grant))];
}
