import type { Access } from './access.ts';
import { readCookie } from './oauth/session-cookie.ts';
import type { Sessions } from './oauth/sessions.ts';

/**
 * Lets a browser in which an operator has signed in read what scripts read with Basic. A login in the request comes first,
 * and only reading is possible so: the cookie is SameSite=Strict, and no page of another site can read the answer.
 */
export function withSessions(access: Access, sessions: Sessions): Access {
  return {
    ...access,
    async identify(request) {
      const reads = request.method === 'GET' || request.method === 'HEAD';
      const session =
        reads && request.headers.authorization === undefined ? sessions.find(readCookie(request, 'session')) : null;
      return session === null ? access.identify(request) : { kind: 'operator', name: session.operator, by: 'session' };
    },
  };
}
