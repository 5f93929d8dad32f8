import type { FastifyError, FastifyRequest } from 'fastify';
import type { Emit } from '../../domain/bridge-event.ts';
import { toBridgeError } from '../../domain/errors.ts';
import { takeForms } from '../oauth/form.ts';
import { messagePage } from '../pages/message-page.ts';
import { sendPage } from '../pages/send-page.ts';
import type { App } from '../server.ts';

export interface PageRouteDeps {
  readonly emit: Emit;
  /** A form that could not be read; the reason in words. */
  readonly unread: (request: FastifyRequest, reason: string) => void;
}

/** Routes for people: they take forms only, and whatever goes wrong is a page. */
export function pageRoutes(app: App, { emit, unread }: PageRouteDeps, add: (scope: App) => void): void {
  void app.register((scope, _options, done) => {
    takeForms(scope);
    scope.setErrorHandler((thrown: FastifyError, request, reply) => {
      const { statusCode = 500 } = thrown;
      if (statusCode >= 400 && statusCode < 500) {
        const reason = statusCode === 413 ? 'the form is too large' : 'this is not a form';
        unread(request, reason);
        const detail = `This could not be read: ${reason}.`;
        return sendPage(
          reply,
          statusCode,
          messagePage({ title: 'Not possible', detail, hint: 'Go back and send it once more.' }),
        );
      }
      emit({ name: 'requestFailed', requestId: request.id, error: toBridgeError(thrown) });
      const hint = `Try again in a moment. If it stays so: look for ${request.id} in the log, or run flexbridge doctor.`;
      return sendPage(
        reply.header('retry-after', '10'),
        503,
        messagePage({ title: 'Not possible now', detail: 'The bridge could not answer.', hint }),
      );
    });
    add(scope);
    done();
  });
}
