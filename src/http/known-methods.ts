import type { App } from './server.ts';

/** Methods of the address with this path, query left off; none where there is nothing. */
export type MethodsOf = (path: string) => readonly string[];

/**
 * Notes the methods of every route from now on: fastify answers a method that an address does not have as if there were
 * no such address.
 */
export function collectMethods(app: App): MethodsOf {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ pattern: toPattern(url), methods: [method].flat() });
  });
  return (path) => [...new Set(routes.flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : [])))].sort();
}

/** A parameter is a whole segment; a slash at the end makes no other address. */
function toPattern(url: string): RegExp {
  const segments = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.replaceAll('.', '\\.')));
  return new RegExp(`^${segments.join('/')}/?$`);
}
