import { ACCESS_RULES } from '../apis/bearer.ts';
import type { Api } from '../service.ts';

/** Resources that Entra gives tokens for, and the API they belong to (defender-api 1.6, 3, 4). */
const RESOURCES: ReadonlyMap<string, Api | null> = new Map([
  ['https://graph.microsoft.com', 'graph'],
  ['https://graph.microsoft.us', 'graph'],
  ['https://dod-graph.microsoft.us', 'graph'],
  ['https://api.securitycenter.microsoft.com', 'defender'],
  ['https://api.securitycenter.windows.com', 'defender'],
  ['https://api-gcc.securitycenter.microsoft.us', 'defender'],
  ['https://api-gov.securitycenter.microsoft.us', 'defender'],
  ['https://securitycenter.onmicrosoft.com/windowsatpservice', 'defender'],
  ['https://graph.windows.net', 'siem'],
  // Another API of Microsoft's: a real token, and of no use here.
  ['https://api.security.microsoft.com', null],
]);

export interface Resource {
  readonly audience: string;
  readonly api: Api | null;
}

/** The simulator's own address: custom clouds ask for that one, and it counts as Graph. */
const OWN_ADDRESS = /^https:\/\/(?:127\.0\.0\.1|localhost):\d+$/;

/** @param name with or without a slash at its end */
export function findResource(name: string): Resource | null {
  const plain = name.replace(/\/+$/, '');
  const api = OWN_ADDRESS.test(plain) ? 'graph' : RESOURCES.get(plain);
  if (api === undefined) return null;
  return { audience: api === null ? plain : ACCESS_RULES[api].audience, api };
}

/** `https://resource/.default`, with one slash or two; null when it is no scope for client credentials. */
export function resourceOfScope(scope: string): string | null {
  return /^(https:\/\/[^\s]+?)\/{1,2}\.default$/.exec(scope)?.[1] ?? null;
}
