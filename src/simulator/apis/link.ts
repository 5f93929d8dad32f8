import type { SimulatorRequest } from '../exchange.ts';

/** The request's own address with these query options. */
export function linkWith({ origin, path }: SimulatorRequest, query: readonly (readonly [string, string])[]): string {
  const parts = query.map(
    ([name, value]) => `${encodeURIComponent(name).replace('%24', '$')}=${encodeURIComponent(value)}`,
  );
  return `${origin}${path}?${parts.join('&')}`;
}
