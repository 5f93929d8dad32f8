import type { AlertVersion } from '../world/alert-version.ts';
import { badRequest, type Refusal } from './refusal.ts';

/** `stable`: later pages show the list as it was at the first request. `live`: each page looks at the list anew. */
export type Paging = 'stable' | 'live';

/** Where a `$skiptoken` leads. */
interface PageStart {
  /** The list frozen at the first request; null when the list is to be read anew. */
  readonly frozen: readonly AlertVersion[] | null;
  readonly offset: number;
}

export interface PageLists {
  /** Token for the page that starts at `offset` of the list; `from` is the token the current page came by. */
  tokenFor(tenantId: string, list: readonly AlertVersion[], offset: number, from: string | null): string;
  /** Throws a Refusal (400) for a token that this tenant was not given, or that is too old. */
  resolve(tenantId: string, token: string): PageStart;
}

const KEPT_LISTS = 200;

export function createPageLists(paging: Paging): PageLists {
  const lists = new Map<string, { readonly tenantId: string; readonly list: readonly AlertVersion[] }>();
  let made = 0;
  const keep = (tenantId: string, list: readonly AlertVersion[]): string => {
    made += 1;
    lists.set(String(made), { tenantId, list });
    lists.delete(String(made - KEPT_LISTS));
    return String(made);
  };
  return {
    tokenFor: (tenantId, list, offset, from) => {
      if (paging === 'live') return encode('live', offset);
      return encode(from === null ? keep(tenantId, list) : decode(from).name, offset);
    },
    resolve: (tenantId, token) => {
      const { name, offset } = decode(token);
      if (paging === 'live' && name === 'live') return { frozen: null, offset };
      const kept = lists.get(name);
      if (kept?.tenantId !== tenantId) throw invalidToken();
      return { frozen: kept.list, offset };
    },
  };
}

function encode(name: string, offset: number): string {
  return Buffer.from(`${name}:${offset}`).toString('base64url');
}

function decode(token: string): { readonly name: string; readonly offset: number } {
  const match = /^(\w+):(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'));
  if (match === null) throw invalidToken();
  return { name: match[1] ?? '', offset: Number(match[2]) };
}

function invalidToken(): Refusal {
  return badRequest('The $skiptoken is invalid or has expired.');
}
