import type { ProxyConfig } from './config.ts';
import type { ConfigPath } from './config-path.ts';
import type { Environment } from './environment.ts';
import { baseUrl, type ResolveContext } from './resolve-server.ts';
import { isRecord, type SchemaNode } from './schema-node.ts';
import { Secret } from './secret.ts';
import { hasSecret, isText, resolveSecret } from './secret-text.ts';
import { ProxySchema } from './tenant-schema.ts';

/** The machine itself is no matter for a proxy that the environment names for everybody. */
const THIS_MACHINE = ['localhost', '127.0.0.0/8', '::1'];

/** The configured proxy, else the one of the environment; null for none, or for one that the report speaks of. */
export async function resolveProxy(
  context: ResolveContext,
  at: ConfigPath,
  proxy: unknown,
): Promise<ProxyConfig | null> {
  if (proxy === 'off') return null;
  if (proxy === null || proxy === undefined) return environmentProxy(context, at);
  if (!isRecord(proxy)) return null;
  const login = await resolveLogin(context, at, proxy);
  if (!context.check.fits(ProxySchema, at, proxy)) return null;
  return proxyOrNone({ url: baseUrl(proxy.url), login, bypass: proxy.noProxy, variable: null });
}

async function resolveLogin(context: ResolveContext, at: ConfigPath, proxy: SchemaNode): Promise<ProxyConfig['login']> {
  const { user } = proxy;
  if (user === undefined && !hasSecret(proxy, 'password')) return null;
  const password = await resolveSecret(context, at, proxy, 'password');
  if (user === undefined)
    context.report.problem([...at, 'user'], 'is missing, and there is a password', 'Add it, or remove the password.');
  return isText(user) && password !== null ? { user, password: password.text } : null;
}

/** As other programs read it: lower case first, `host:port` counts as http, user name and password inside the URL. */
function environmentProxy({ report, env }: ResolveContext, at: ConfigPath): ProxyConfig | null {
  const found = firstSet(env, ['https_proxy', 'HTTPS_PROXY']);
  if (found === null) return null;
  const url = proxyUrl(found.text);
  if (url === null) {
    const place = { file: null, line: null, variable: found.variable };
    report.problem(at, 'is not an http or https URL', 'Correct the variable, or write proxy: off.', place);
    return null;
  }
  const { origin, username, password } = url;
  const login =
    username === ''
      ? null
      : { user: decoded(username), password: { kind: 'given' as const, secret: new Secret(decoded(password)) } };
  const listed = firstSet(env, ['no_proxy', 'NO_PROXY'])?.text.split(/[\s,]+/) ?? [];
  const bypass = [...listed.filter((host) => host !== ''), ...THIS_MACHINE];
  return proxyOrNone({ url: origin, login, bypass, variable: found.variable });
}

/** `*` among the exceptions: never. */
function proxyOrNone(proxy: ProxyConfig): ProxyConfig | null {
  return proxy.bypass.includes('*') ? null : proxy;
}

function proxyUrl(text: string): URL | null {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(whole)) return null;
  const url = new URL(whole);
  return url.hostname !== '' && ['http:', 'https:'].includes(url.protocol) ? url : null;
}

/** A percent sign that stands for itself is left as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function firstSet(env: Environment, names: readonly string[]): { variable: string; text: string } | null {
  for (const variable of names) {
    const text = env[variable] ?? '';
    if (text !== '') return { variable, text };
  }
  return null;
}
