import type { FastifyReply, FastifyRequest } from 'fastify';
import { generateGrant, generateToken, hashSecret } from '../../domain/credential.ts';
import { consentPage } from '../pages/consent-page.ts';
import { messagePage } from '../pages/message-page.ts';
import { sendPage } from '../pages/send-page.ts';
import { type AuthorizationRequest, authorize, readAuthorizationRequest } from './authorization-request.ts';
import { type FormRequest, pick, queryOf } from './form.ts';
import { redirectSource } from './loopback-redirect.ts';
import type { OAuthAudit } from './oauth-audit.ts';
import type { OAuthDeps } from './oauth-deps.ts';
import { readCookie } from './session-cookie.ts';
import { isSameToken, type Session, type Sessions } from './sessions.ts';

export interface ConsentDeps extends OAuthDeps {
  readonly sessions: Sessions;
  readonly log: OAuthAudit;
}

/** Between consent and exchange stands one request of the connector. */
const CODE_LIFE_MS = 60_000;

/** Asks the operator who is at this browser; one who has not signed in is sent to do so. */
export async function showConsent(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ConsentDeps,
): Promise<FastifyReply> {
  const asked = read(request, reply, queryOf(request.url), { deps, session: null });
  if (asked === null) return reply;
  // What cannot be granted is told to the client before anybody is bothered with it.
  const { location, error } = await authorize(asked, {
    isAllowed: true,
    newCode: generateToken,
    keep: () => undefined,
  });
  if (error !== null) {
    refuse(request, asked, { deps, who: '', reason: error.reason });
    return redirect(reply, 302, location);
  }
  const session = deps.sessions.find(readCookie(request, 'session'));
  if (session === null) {
    const here = `/oauth2/authorize?${new URLSearchParams([...asked.parameters]).toString()}`;
    return redirect(reply, 303, `/signin?return=${encodeURIComponent(here)}`);
  }
  const { client, redirectUri, parameters } = asked;
  const page = consentPage({
    viewer: session,
    connector: client.connector,
    clientId: client.auth.clientId,
    feeds: [...client.feeds],
    redirectUri,
    parameters,
  });
  // Chromium holds the redirect that answers a form to form-action as well, so the connector's address is named.
  return sendPage(reply, 200, page, [redirectSource(redirectUri)]);
}

/** The operator's answer: the browser is sent to the connector with a code, or with `access_denied`. */
export async function answerConsent(
  request: FastifyRequest<FormRequest>,
  reply: FastifyReply,
  deps: ConsentDeps,
): Promise<FastifyReply> {
  const sent = request.body ?? new URLSearchParams();
  const { values } = pick(sent, ['csrf', 'decision', 'client_id']);
  const session = deps.sessions.find(readCookie(request, 'session'));
  if (session === null || !isSameToken(values.get('csrf'), session.csrf)) {
    const reason = session === null ? 'nobody has signed in' : 'the form is not of this session';
    const client = values.get('client_id') ?? '';
    deps.log.refused(request, { action: 'consent-refused', who: session?.operator ?? '', client, reason });
    return sendPage(reply, 403, messagePage(STALE_FORM, session));
  }
  const asked = read(request, reply, sent, { deps, session });
  if (asked === null) return reply;
  const isAllowed = values.get('decision') === 'allow';
  const grant = generateGrant();
  const { location, error } = await authorize(asked, {
    isAllowed,
    newCode: generateToken,
    keep: ({ code, codeChallenge }) => {
      deps.accessStore.putCode({
        codeHash: hashSecret(code),
        clientId: asked.client.auth.clientId,
        connector: asked.client.connector,
        redirectUri: asked.redirectUri,
        codeChallenge,
        operator: session.operator,
        expiresMs: deps.clock.now() + CODE_LIFE_MS,
        grant,
      });
    },
  });
  if (error === null) {
    deps.log.granted(request, {
      action: 'consent',
      who: session.operator,
      client: asked.client.auth.clientId,
      grant,
    });
  } else {
    const reason = isAllowed ? error.reason : 'the operator denied it';
    refuse(request, asked, { deps, who: session.operator, reason });
  }
  return redirect(reply, 302, location);
}

const STALE_FORM = {
  title: 'Not allowed',
  detail: 'This page is not of your present session: you were signed out, or signed in anew since it was opened.',
  hint: 'Nothing was given to the connector. Start the login at the connector again.',
};

/** Null once a page has told what is wrong with client or redirect URI. */
function read(
  request: FastifyRequest,
  reply: FastifyReply,
  sent: URLSearchParams,
  { deps, session }: { readonly deps: ConsentDeps; readonly session: Session | null },
): AuthorizationRequest | null {
  const found = readAuthorizationRequest(sent, (clientId) => deps.access.client(request, clientId, null));
  if (found.kind === 'request') return found.request;
  const { clientId: client, message } = found;
  deps.log.refused(request, {
    action: 'consent-refused',
    who: session?.operator ?? '',
    client,
    reason: message.title.toLowerCase(),
  });
  sendPage(reply, 400, messagePage(message, session));
  return null;
}

function refuse(
  request: FastifyRequest,
  { client }: AuthorizationRequest,
  { deps, who, reason }: { readonly deps: ConsentDeps; readonly who: string; readonly reason: string },
): void {
  deps.log.refused(request, { action: 'consent-refused', who, client: client.auth.clientId, reason });
}

function redirect(reply: FastifyReply, status: 302 | 303, location: string): FastifyReply {
  return reply.code(status).header('cache-control', 'no-store').header('location', location).send();
}
