import type { FastifyError } from 'fastify';
import { toBridgeError } from '../../domain/errors.ts';
import { answerConsent, type ConsentDeps, showConsent } from '../oauth/consent.ts';
import { type FormRequest, takeForms } from '../oauth/form.ts';
import { createOAuthAudit } from '../oauth/oauth-audit.ts';
import type { OAuthDeps } from '../oauth/oauth-deps.ts';
import { sendOAuthError, sendUndecided } from '../oauth/oauth-error.ts';
import type { Sessions } from '../oauth/sessions.ts';
import { answerTokenRequest, type TokenEndpointDeps } from '../oauth/token-endpoint.ts';
import { createTokenGrants } from '../oauth/token-grants.ts';
import type { App } from '../server.ts';
import { pageRoutes } from './page-routes.ts';

export interface OAuthRouteDeps extends OAuthDeps {
  readonly sessions: Sessions;
}

/** `GET` and `POST /oauth2/authorize` for the operator at a browser, `POST /oauth2/token` for the connector. */
export function oauthRoutes(app: App, deps: OAuthRouteDeps): void {
  const log = createOAuthAudit(deps);
  const consent: ConsentDeps = { ...deps, log };
  pageRoutes(
    app,
    {
      emit: deps.emit,
      unread: (request, reason) => {
        log.refused(request, { action: 'consent-refused', who: '', reason });
      },
    },
    (scope) => {
      scope.get('/oauth2/authorize', (request, reply) => showConsent(request, reply, consent));
      scope.post<FormRequest>('/oauth2/authorize', (request, reply) => answerConsent(request, reply, consent));
    },
  );
  tokenRoute(app, { ...deps, log, grants: createTokenGrants(deps) });
}

function tokenRoute(app: App, deps: TokenEndpointDeps): void {
  void app.register((scope, _options, done) => {
    takeForms(scope);
    scope.setErrorHandler((thrown: FastifyError, request, reply) => {
      const { statusCode = 500 } = thrown;
      if (statusCode >= 400 && statusCode < 500) {
        const isLarge = statusCode === 413;
        const reason = isLarge ? 'the form is larger than 16 KB' : 'the body must be application/x-www-form-urlencoded';
        deps.log.refused(request, { action: 'token-refused', who: '', reason });
        // RFC 6749 5.2 has 400 for every malformed request; a body that is not even read is 413.
        return sendOAuthError(reply, isLarge ? 413 : 400, 'invalid_request', reason);
      }
      deps.emit({ name: 'requestFailed', requestId: request.id, error: toBridgeError(thrown) });
      return sendUndecided(reply);
    });
    scope.post<FormRequest>('/oauth2/token', (request, reply) => answerTokenRequest(request, reply, deps));
    done();
  });
}
