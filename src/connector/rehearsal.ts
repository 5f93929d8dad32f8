import type { Clock } from '../domain/clock.ts';
import type { Authorization } from './feed-login.ts';
import type { ClientCertificate } from './feed-request.ts';
import { createOAuthClient, type OAuthClient } from './oauth-client.ts';
import type { Pack } from './pack-reader.ts';
import type { PollResult } from './poll-result.ts';
import { createPoller, type Poller } from './poller.ts';
import { addressOf, findBridge } from './rehearsal-address.ts';
import { cursorFeedUrl, judgeLook, type Look, refusedByStatus } from './rehearsal-look.ts';
import { judgeEvents, judgeLimits, judgePolls, type Measured, received } from './rehearsal-poll.ts';
import { type RehearsalStep, skipped, stepOf } from './rehearsal-step.ts';
import { verifyTls } from './rehearsal-tls.ts';
import { getToken } from './rehearsal-token.ts';

/** What an administrator has besides the pack. */
export type RehearsalLogin =
  | { readonly kind: 'oauth2'; readonly refreshToken: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'mtls'; readonly certificate: ClientCertificate }
  | { readonly kind: 'urlKey'; readonly key: string };

export interface RehearsalOptions {
  readonly pack: Pack;
  readonly login: RehearsalLogin;
  /**
   * look: HEAD on the Events URL, then a few events of the cursor feed, which moves no position.
   * take: so many polls as a connector makes them.
   */
  readonly mode: { readonly kind: 'look' } | { readonly kind: 'take'; readonly polls: number };
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly keepRefreshToken: (refreshToken: string) => void;
}

/** Problems of the pack with which nothing is asked. */
const NOT_ASKED = new Set(['URL_INVALID', 'URL_PLAIN', 'URL_OTHER_HOST']);

/** Does what a connector would do that has nothing but the pack, step by step, and says what it found. Never throws. */
export async function* rehearsePack(options: RehearsalOptions): AsyncGenerator<RehearsalStep> {
  const { pack, clock, login } = options;
  const packStep = judgePack(pack);
  yield packStep;
  const { parser, manifest } = pack;
  if (pack.problems.some(({ code }) => NOT_ASKED.has(code))) {
    yield skipped('address', 'no secret is sent to such an address');
    return;
  }
  const url = new URL(manifest.eventsUrl);
  const address = await findBridge(addressOf(url), clock);
  yield address;
  if (address.state === 'failed') return;
  if (url.protocol === 'https:') {
    const certificate = login.kind === 'mtls' ? login.certificate : null;
    const tls = await verifyTls(addressOf(url), { caPem: pack.caPem, certificate }, clock.now());
    yield tls;
    if (tls.state === 'failed') return;
  } else yield skipped('tls', 'plain http on the loopback; a connector on another machine needs https');
  const tokens = openTokens(options);
  try {
    if (tokens !== null) {
      const token = await getToken(tokens, manifest.login.connector, options.signal);
      yield token;
      if (token.state === 'failed') return;
    } else if (login.kind === 'oauth2') {
      yield skipped('token', 'the client file has not what a refresh needs');
      return;
    }
    if (parser === null) yield skipped('poll', 'there is no parser file to read events with');
    else if (options.mode.kind === 'look') yield* judgeLooked(options, await look(options, parser, tokens));
    else yield* judgeAnswers(options, await take(options, options.mode.polls, parser, tokens));
  } finally {
    tokens?.close();
  }
}

function judgePack({ manifest, problems, caPem }: Pack): RehearsalStep {
  const { feed, login, files, mappingVersion, parserVersion } = manifest;
  const found = [
    `feed ${feed}, login ${login.connector} (${login.kind}), ${files.length} files, mapping ${mappingVersion}, parser ${parserVersion}`,
    caPem === null ? 'no CA certificate in it' : 'with the CA certificate of the bridge',
  ];
  const faults = problems.map(({ level, file, message, remedy }) => {
    return { level, message: file === null ? message : `${file}: ${message}`, remedy, certainty: 'seen' } as const;
  });
  return stepOf('pack', found, faults);
}

function openTokens({ pack, login, clock, keepRefreshToken }: RehearsalOptions): OAuthClient | null {
  const { client, caPem } = pack;
  if (login.kind !== 'oauth2' || client === null) return null;
  const { refreshToken } = login;
  return createOAuthClient({
    ...client,
    refreshToken,
    clock,
    keepRefreshToken,
    ...(caPem === null ? {} : { ca: caPem }),
  });
}

async function look(
  options: RehearsalOptions,
  parser: NonNullable<Pack['parser']>,
  tokens: OAuthClient | null,
): Promise<Look> {
  const { manifest } = options.pack;
  const page = openPoller(options, manifest.eventsUrl, parser, tokens);
  const cursor = openPoller(options, cursorFeedUrl(manifest), parser, tokens);
  try {
    const check = await page.check(options.signal);
    if (check.kind === 'failed' && !refusedByStatus(check)) return { check, events: null };
    return { check, events: await cursor.poll(options.signal) };
  } finally {
    page.close();
    cursor.close();
  }
}

async function take(
  options: RehearsalOptions,
  polls: number,
  parser: NonNullable<Pack['parser']>,
  tokens: OAuthClient | null,
): Promise<readonly PollResult[]> {
  const poller = openPoller(options, options.pack.manifest.eventsUrl, parser, tokens);
  const results: PollResult[] = [];
  try {
    for (let left = polls; left > 0; left -= 1) {
      const result = await poller.poll(options.signal);
      results.push(result);
      if (result.kind === 'failed') break;
    }
  } finally {
    poller.close();
  }
  return results;
}

function openPoller(
  { pack, login, clock }: RehearsalOptions,
  url: string,
  parser: NonNullable<Pack['parser']>,
  tokens: OAuthClient | null,
): Poller {
  return createPoller({
    url,
    authorization: authorizationOf(login, tokens),
    parser,
    mode: 'newest-event',
    clock,
    startTimeMs: clock.now(),
    ...(pack.caPem === null ? {} : { ca: pack.caPem }),
  });
}

function authorizationOf(login: RehearsalLogin, tokens: OAuthClient | null): Authorization {
  switch (login.kind) {
    case 'oauth2':
      return tokens === null ? { kind: 'none' } : { kind: 'bearer', tokens };
    case 'mtls':
      return { kind: 'certificate', certificate: login.certificate };
    case 'basic':
    case 'urlKey':
      return login;
  }
}

function* judgeAnswers({ pack }: RehearsalOptions, results: readonly PollResult[]): Generator<RehearsalStep> {
  yield judgePolls(results, pack.manifest.login);
  const polls = received(results);
  if (polls.some(({ rawCount }) => rawCount > 0)) yield judgeEvents(results);
  if (polls.length > 0) yield judgeLimits(polls);
}

function* judgeLooked({ pack }: RehearsalOptions, looked: Look): Generator<RehearsalStep> {
  yield judgeLook(looked, pack.manifest.login);
  const { check, events } = looked;
  if (events?.kind === 'received' && events.rawCount > 0) yield judgeEvents([events]);
  const measured: readonly Measured[] = [
    ...(check.kind === 'checked' ? [{ ...check, rawCount: null, bytes: check.announcedBytes }] : []),
    ...(events?.kind === 'received' ? [events] : []),
  ];
  if (measured.length > 0) yield judgeLimits(measured);
}
