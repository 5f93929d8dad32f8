import { renderClientFile } from '../connector/client-file.ts';
import type { WizardSettings } from '../connector/guide/wizard-answers.ts';
import { packLogin } from '../connector/pack-settings.ts';
import { toBridgeError } from '../domain/errors.ts';
import type { StoredConnector } from '../store/access-store.ts';
import { account } from './account.ts';
import { auditLogins } from './connector-audit.ts';
import { type ConnectorBook, grantsOf } from './connector-book.ts';
import { certificateWarnings } from './connector-certificate.ts';
import { clientFilePath, type StagedFile, stageClientFile } from './connector-client-file.ts';
import { kindNotes } from './connector-notes.ts';
import type { ConnectorOptions } from './connector-options.ts';
import type { Proof } from './connector-proof.ts';
import { issuedJson, issuedText } from './connector-view.ts';
import type { Console } from './console.ts';
import { type MintedToken, mintRefreshToken } from './token-mint.ts';

/** A login that is made, and not kept yet. */
export interface NewLogin {
  readonly connector: StoredConnector;
  readonly proof: Proof;
  readonly step: 'create' | 'rotate';
  readonly notes: readonly string[];
  readonly nowMs: number;
}

/**
 * Keeps the login, then shows its secrets: they are shown whatever happens after they are kept, for nobody can show them
 * again.
 */
export async function publishLogin(
  book: ConnectorBook,
  login: NewLogin,
  options: ConnectorOptions,
  console: Console,
): Promise<void> {
  const { connector, proof, notes, step, nowMs } = login;
  const { config } = book;
  const { name, auth } = connector;
  const feeds = connector.feeds ?? config.feeds.map((feed) => feed.name);
  const wizard = { feed: feeds[0] ?? '', publicUrl: config.server.publicUrl, login: packLogin(connector) };
  const staged = stage(login, wizard, clientFileOf(options, console));
  const refreshToken = keepLogin(book, login, staged);
  const failure = commit(staged);
  const shown = {
    ...{ name, auth, feeds, wizard, secret: proof.secret, refreshToken },
    certificate: proof.certificate,
    clientFile: failure === null ? (staged?.path ?? null) : null,
    notes: [
      ...(proof.certificate === null ? [] : certificateWarnings(proof.certificate, nowMs)),
      ...kindNotes(auth, config.server),
      ...notes,
    ],
  };
  console.out(options.json ? issuedJson(shown) : `${heading(login, feeds)}${issuedText(shown)}`);
  const details = { connector: name, kind: auth.kind, feeds: feedsWord(connector), token: refreshToken?.id ?? null };
  await auditLogins(config, `connector-${step}`, details, console);
  if (failure !== null) throw failure;
}

function clientFileOf({ clientFile }: ConnectorOptions, { cwd }: Console): string | null {
  return clientFile === undefined ? null : clientFilePath(cwd, clientFile);
}

function stage(
  { connector: { auth }, proof }: NewLogin,
  settings: WizardSettings,
  path: string | null,
): StagedFile | null {
  if (path === null || auth.kind !== 'oauth2' || proof.secret === null) return null;
  return stageClientFile(path, renderClientFile({ ...settings, clientSecret: proof.secret }));
}

/** Keeps it, with a refresh token for a new one of the kind oauth2. */
export function keepLogin(
  book: ConnectorBook,
  { connector, step, nowMs }: NewLogin,
  staged: StagedFile | null,
): MintedToken | null {
  const { access } = book;
  const { name, auth } = connector;
  try {
    // What a connector of this name in an older configuration was given would be valid for this one.
    if (step === 'create') for (const grant of grantsOf(book, name)) access.revokeGrant(grant);
    access.putConnector(connector);
    if (auth.kind !== 'oauth2' || step === 'rotate') return null;
    return mintRefreshToken(access, { connector: name, clientId: auth.clientId, createdBy: account() }, nowMs);
  } catch (thrown) {
    staged?.discard();
    throw thrown;
  }
}

function commit(staged: StagedFile | null) {
  try {
    staged?.commit();
    return null;
  } catch (thrown) {
    return toBridgeError(thrown);
  }
}

function heading({ connector: { name, auth, feeds }, step }: NewLogin, all: readonly string[]): string {
  const reads = feeds === null ? `every feed (now ${all.join(', ')})` : feeds.join(', ');
  const made =
    step === 'create'
      ? `Made the connector ${name}: ${auth.kind}, may read ${reads}.`
      : `Rotated ${name} (${auth.kind}): what it had stays valid too, until flexbridge connector end-rotation ${name}.`;
  return `${made}\nA running bridge knows it within a second.\n`;
}

function feedsWord({ feeds }: StoredConnector): string {
  return feeds === null ? 'every' : feeds.join(', ');
}
