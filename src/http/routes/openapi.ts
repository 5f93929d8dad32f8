import type { Access } from '../access.ts';
import { openapiDocument } from '../schemas/openapi-document.ts';
import type { App } from '../server.ts';
import { demandOperator } from './guard.ts';

export interface OpenapiRouteDeps {
  readonly access: Access;
  readonly version: string;
}

/** `GET /openapi.json` for operators: every route of this bridge with every answer it can give. */
export function openapiRoutes(app: App, { access, version }: OpenapiRouteDeps): void {
  const document = JSON.stringify(openapiDocument(version));
  app.get('/openapi.json', async (request, reply) => {
    if ((await demandOperator(request, reply, access)) === null) return reply;
    return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(document);
  });
}
