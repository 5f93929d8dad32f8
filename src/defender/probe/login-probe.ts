import type { Fetcher } from '../fetcher.ts';
import { plainText } from '../plain-text.ts';
import { isObject, type JsonObject, text } from '../schema.ts';

/** What the login service says without being shown a credential. */
export interface LoginSeen {
  /** Its Date header, epoch ms; null when there was none. */
  readonly dateMs: number | null;
  /** Words for the cloud that the tenant lives in, where it is another one; null otherwise, and when it cannot be told. */
  readonly otherCloud: string | null;
}

export interface LoginProbe {
  readonly loginUrl: string;
  readonly tenantId: string;
  /** Login service of the cloud that is configured, for example https://login.microsoftonline.com; null: custom. */
  readonly cloudLogin: string | null;
  readonly fetcher: Fetcher;
  readonly timeoutMs: number;
}

const MAX_BYTES = 1_000_000;

/**
 * Names by which a tenant's OpenID document calls its cloud (`cloud_instance_name`), with the login service of it. The
 * member stands in the documents that Microsoft's login serves; that a tenant of another cloud is answered with the name
 * of its own is inferred.
 */
const CLOUD_INSTANCES: readonly { readonly name: string; readonly login: string; readonly words: string }[] = [
  {
    name: 'microsoftonline.com',
    login: 'https://login.microsoftonline.com',
    words: 'the worldwide cloud (commercial or gcc)',
  },
  {
    name: 'microsoftonline.us',
    login: 'https://login.microsoftonline.us',
    words: 'the US Government cloud (gcc-high or dod)',
  },
  {
    name: 'partner.microsoftonline.cn',
    login: 'https://login.chinacloudapi.cn',
    words: 'the cloud in China (custom, with endpoints of its own)',
  },
];

/** Asks for the tenant's OpenID document: public, so neither credential nor token is sent. Throws a BridgeError (NETWORK_...). */
export async function probeLogin(probe: LoginProbe, signal: AbortSignal): Promise<LoginSeen> {
  const { loginUrl, tenantId, fetcher, timeoutMs } = probe;
  const base = loginUrl.replace(/\/+$/, '');
  const url = new URL(`${base}/${encodeURIComponent(tenantId)}/v2.0/.well-known/openid-configuration`);
  const attempt = 'asking the login service about the tenant';
  const headers = { accept: 'application/json' };
  const answer = await fetcher({ method: 'GET', url, headers, attempt, timeoutMs, maxBytes: MAX_BYTES }, signal);
  const dateMs = Date.parse(answer.header('date') ?? '');
  return { dateMs: Number.isNaN(dateMs) ? null : dateMs, otherCloud: otherCloud(parsed(answer.body), probe) };
}

function otherCloud(document: JsonObject | null, { cloudLogin, loginUrl }: LoginProbe): string | null {
  const name = document === null ? undefined : text(document, 'cloud_instance_name');
  const lives = CLOUD_INSTANCES.find((instance) => instance.name === name?.toLowerCase());
  const configured = CLOUD_INSTANCES.find(({ login }) => login === (cloudLogin ?? loginUrl));
  if (lives === undefined || configured === undefined || lives === configured) return null;
  return `${lives.words}; its login service is ${plainText(lives.login)}`;
}

function parsed(body: string): JsonObject | null {
  try {
    const json: unknown = JSON.parse(body);
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
}
