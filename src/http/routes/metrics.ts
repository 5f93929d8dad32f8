import type { FastifyRequest } from 'fastify';
import type { Access } from '../access.ts';
import type { App } from '../server.ts';
import { demandOperator } from './guard.ts';

export interface MetricsRouteDeps {
  readonly access: Access;
  readonly metrics: {
    readonly contentType: string;
    render(): Promise<string>;
  };
}

/** `GET /metrics` for Prometheus: without a login on the bridge's own host, with an operator's from elsewhere. */
export function metricsRoutes(app: App, { access, metrics }: MetricsRouteDeps): void {
  app.get('/metrics', async (request, reply) => {
    if (!isLocal(request) && (await demandOperator(request, reply, access)) === null) return reply;
    return reply
      .header('cache-control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.render());
  });
}

/** A proxy on this host speaks for clients elsewhere, and says so. */
const PROXIED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

function isLocal({ headers, raw }: FastifyRequest): boolean {
  return isLoopback(raw.socket.remoteAddress ?? '') && PROXIED.every((name) => headers[name] === undefined);
}

/** 127.0.0.0/8, also mapped into IPv6, and ::1. */
export function isLoopback(address: string): boolean {
  return /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(address) || address === '::1';
}
