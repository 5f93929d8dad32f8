import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Audit } from '../../domain/audit.ts';
import type { Emit } from '../../domain/bridge-event.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Access } from '../access.ts';
import { type FormRequest, pick, queryOf } from '../oauth/form.ts';
import { createOAuthAudit, type OAuthAudit } from '../oauth/oauth-audit.ts';
import { returnTarget } from '../oauth/return-target.ts';
import { clearCookie, readCookie, setCookie } from '../oauth/session-cookie.ts';
import { isSameToken, newVisit, type Sessions } from '../oauth/sessions.ts';
import { messagePage } from '../pages/message-page.ts';
import { sendPage } from '../pages/send-page.ts';
import { signInPage } from '../pages/sign-in-page.ts';
import type { App } from '../server.ts';
import { pageRoutes } from './page-routes.ts';

export interface SignInRouteDeps {
  readonly access: Access;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly sessions: Sessions;
}
type Deps = SignInRouteDeps & { readonly log: OAuthAudit };

/** Where one goes who came for nothing else, and who has signed out. */
const HOME = '/status';
const DOOR = '/signin';

/** `GET` and `POST /signin`, `POST /signout`: sessions of operators. */
export function signInRoutes(app: App, routeDeps: SignInRouteDeps): void {
  const deps: Deps = { ...routeDeps, log: createOAuthAudit(routeDeps) };
  const unread = (request: FastifyRequest, reason: string): void => {
    deps.log.refused(request, { action: 'sign-in-refused', who: '', reason });
  };
  pageRoutes(app, { emit: deps.emit, unread }, (scope) => {
    scope.get('/signin', (request, reply) => showForm(request, reply, deps));
    scope.post<FormRequest>('/signin', (request, reply) => signIn(request, reply, deps));
    scope.post<FormRequest>('/signout', (request, reply) => signOut(request, reply, deps));
  });
}

function showForm(request: FastifyRequest, reply: FastifyReply, deps: Deps): FastifyReply {
  const returnTo = returnTarget(pick(queryOf(request.url), ['return']).values.get('return'));
  const session = deps.sessions.find(readCookie(request, 'session'));
  if (session === null) {
    return sendForm(request, reply, deps, { status: 200, returnTo: returnTo ?? HOME, name: '', problem: null });
  }
  if (returnTo !== null) return goTo(reply, returnTo);
  const message = {
    title: 'Signed in',
    detail: `You are signed in as ${session.operator}.`,
    hint: 'A connector that asks for a login leads you to its page by itself.',
    link: { to: HOME, text: 'Go to the status page' },
  };
  return sendPage(reply, 200, messagePage(message, session));
}

interface Form {
  readonly status: number;
  readonly returnTo: string;
  readonly name: string;
  readonly problem: string | null;
}

/** A browser keeps its visit, so that forms in two tabs are both good. */
function sendForm(
  request: FastifyRequest,
  reply: FastifyReply,
  { sessions }: Deps,
  { status, ...form }: Form,
): FastifyReply {
  const visit = readCookie(request, 'visit') ?? newVisit();
  setCookie(reply, 'visit', visit);
  return sendPage(reply, status, signInPage({ ...form, csrf: sessions.visitToken(visit) }));
}

async function signIn(request: FastifyRequest<FormRequest>, reply: FastifyReply, deps: Deps): Promise<FastifyReply> {
  const { access, sessions, log } = deps;
  const { values } = pick(request.body ?? new URLSearchParams(), ['csrf', 'name', 'password', 'return']);
  const name = values.get('name') ?? '';
  const returnTo = returnTarget(values.get('return')) ?? HOME;
  const refuse = (status: number, reason: string, problem: string): FastifyReply => {
    log.refused(request, { action: 'sign-in-refused', who: name, reason });
    return sendForm(request, reply, deps, { status, returnTo, name, problem });
  };
  const visit = readCookie(request, 'visit');
  if (visit === undefined || !isSameToken(values.get('csrf'), sessions.visitToken(visit))) {
    const problem =
      'This form has grown too old, or the browser did not send its cookie (cookies must be allowed for this server, and its address must begin with https). Please try again.';
    return refuse(403, 'the form is not of this browser', problem);
  }
  // An unknown name takes as long as a wrong password and gets the same answer.
  if (!(await access.isOperator(request, name, values.get('password') ?? ''))) {
    const waitSeconds = access.tooMany(request, name);
    if (waitSeconds === null) return refuse(403, 'wrong name or password', 'The name or the password is wrong.');
    reply.header('retry-after', waitSeconds);
    const problem = `Too many wrong passwords. A right one is taken at once; the next wrong one is answered in ${waitSeconds} seconds.`;
    return refuse(429, 'too many wrong passwords', problem);
  }
  // Never the session that the browser may have had: whoever knew its id would be signed in with it.
  sessions.end(readCookie(request, 'session'));
  setCookie(reply, 'session', sessions.start(name));
  clearCookie(reply, 'visit');
  log.granted(request, { action: 'sign-in', who: name });
  return goTo(reply, returnTo);
}

function signOut(request: FastifyRequest<FormRequest>, reply: FastifyReply, deps: Deps): FastifyReply {
  const { values } = pick(request.body ?? new URLSearchParams(), ['csrf']);
  const id = readCookie(request, 'session');
  const session = deps.sessions.find(id);
  if (session !== null) {
    if (!isSameToken(values.get('csrf'), session.csrf)) {
      const message = {
        title: 'Not signed out',
        detail: 'This button is not of your present session.',
        hint: 'Use the one on this page.',
      };
      return sendPage(reply, 403, messagePage(message, session));
    }
    deps.sessions.end(id);
    deps.log.granted(request, { action: 'sign-out', who: session.operator });
  }
  clearCookie(reply, 'session');
  return goTo(reply, DOOR);
}

/** After a form: the browser asks with GET. */
function goTo(reply: FastifyReply, path: string): FastifyReply {
  return reply.code(303).header('cache-control', 'no-store').header('location', path).send();
}
