import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { CLOUD_NAMES, CLOUDS, type CloudName, type Endpoints } from './clouds.ts';
import type { SourceConfig, TenantConfig } from './config.ts';
import type { ConfigPath } from './config-path.ts';
import type { Report } from './report.ts';
import { baseUrl, durationMs, type ResolveContext } from './resolve-server.ts';
import type { TenantSettings } from './schema.ts';
import type { SchemaCheck } from './schema-check.ts';
import { isRecord, type SchemaNode, toNode } from './schema-node.ts';
import { Secret } from './secret.ts';
import { readNamed, readSecret, warnIfOpen } from './secret-text.ts';

interface SecretKeys {
  readonly secret?: unknown;
  readonly secretFile?: unknown;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Resolves each part of a tenant that can be judged by itself, so that one wrong key does not hide the next problem.
 * Null when anything was wrong; the report then says what.
 */
export async function resolveTenant(
  context: ResolveContext,
  at: ConfigPath,
  item: unknown,
  check: SchemaCheck,
): Promise<TenantConfig | null> {
  const raw = toNode(item);
  const endpoints = resolveEndpoints(context.report, at, raw, check);
  const caPem = await resolveCa(context, [...at, 'caFile'], raw['caFile']);
  const secret = await resolveSecret(context, [...at, 'credential'], raw['credential']);
  if (!check.isTenant(item) || endpoints === null || secret === null) return null;
  reportTwice(context.report, [...at, 'sources'], item);
  const { kind, clientId, expires } = item.credential;
  return {
    name: item.name,
    tenantId: item.tenantId.toLowerCase(),
    ...endpoints,
    caPem,
    credential: {
      kind,
      clientId,
      secret,
      expiresMs: expires === undefined ? null : Date.parse(`${expires}T00:00:00Z`),
    },
    sources: item.sources.map(resolveSource),
  };
}

function reportTwice(report: Report, at: ConfigPath, { sources }: TenantSettings): void {
  const seen = new Set<string>();
  for (const [index, { api }] of sources.entries()) {
    if (seen.has(api)) report.problem([...at, index, 'api'], `${api} is listed twice`, 'Keep one of the two.');
    seen.add(api);
  }
}

function resolveEndpoints(
  report: Report,
  at: ConfigPath,
  raw: SchemaNode,
  check: SchemaCheck,
): { cloud: CloudName; endpoints: Endpoints } | null {
  const given = raw['endpoints'];
  if (!check.isEndpoints(given)) return null;
  const fallback = Object.keys(given).length > 0 ? 'custom' : 'commercial';
  const cloud = CLOUD_NAMES.find((name) => name === (raw['cloud'] ?? fallback));
  if (cloud === undefined) return null;
  const own = CLOUDS[cloud];
  const login = given.login ?? own?.login;
  const graph = given.graph ?? own?.graph;
  for (const [key, url] of Object.entries({ login, graph })) {
    if (url !== undefined) continue;
    const remedy = 'Add the https base URL, or name one of the clouds commercial, gcc, gcc-high, dod.';
    report.problem([...at, 'endpoints', key], 'is missing; cloud custom needs login and graph', remedy);
  }
  if (login === undefined || graph === undefined) return null;
  return { cloud, endpoints: { login: baseUrl(login), graph: baseUrl(graph) } };
}

async function resolveCa(context: ResolveContext, at: ConfigPath, caFile: unknown): Promise<string | null> {
  if (!isText(caFile)) return null;
  const file = resolve(context.base, caFile);
  const bytes = await readNamed(context.files, context.report, at, file);
  if (bytes === null) return null;
  const text = bytes.toString('latin1');
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length > 0 && certificates.every(isCertificate)) return text;
  context.report.problem(
    at,
    `the file ${file} holds no certificate in PEM form that can be read`,
    'A binary certificate is converted with: openssl x509 -inform der -in FILE -out FILE.pem',
  );
  return null;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).fingerprint256 !== '';
  } catch {
    return false;
  }
}

/** A secret is judged whatever else is wrong with its credential, as long as it is of a kind that has one. */
async function resolveSecret(context: ResolveContext, at: ConfigPath, credential: unknown): Promise<Secret | null> {
  if (!isRecord(credential) || credential['kind'] !== 'secret') return null;
  const { report, files, base } = context;
  const inlineAt = [...at, 'secret'];
  const fileAt = [...at, 'secretFile'];
  const { secret, secretFile } = winner(report, inlineAt, fileAt, credential);
  if (secret !== undefined && secretFile !== undefined) {
    report.problem(inlineAt, 'secret and secretFile are both given', 'Keep one of them, secretFile for choice.');
    return null;
  }
  if (secret === undefined && secretFile === undefined) {
    const { variable } = report.placeOf(inlineAt);
    const remedy = variable === null ? 'Add secretFile (or secret).' : `Set ${variable} or ${variable}_FILE.`;
    report.problem(inlineAt, 'is missing, and so is secretFile', remedy);
    return null;
  }
  if (isText(secret)) {
    const { file } = report.placeOf(inlineAt);
    if (file !== null) await warnIfOpen(files, report, inlineAt, file);
    return new Secret(secret);
  }
  if (!isText(secretFile)) return null;
  if (!looksLikeSecret(secretFile)) return readSecret(files, report, fileAt, resolve(base, secretFile));
  report.problem(fileAt, 'is not a path; it looks like the secret itself', 'Name a file that holds the secret.');
  return null;
}

/** Of secret and secretFile, the one from the environment overrides the other from the file. */
function winner(report: Report, inlineAt: ConfigPath, fileAt: ConfigPath, credential: SchemaNode): SecretKeys {
  const secret = credential['secret'];
  const secretFile = credential['secretFile'];
  if (secret === undefined || secretFile === undefined) return { secret, secretFile };
  const isInlineSet = report.placeOf(inlineAt).variable !== null;
  const isFileSet = report.placeOf(fileAt).variable !== null;
  if (isInlineSet === isFileSet) return { secret, secretFile };
  return isInlineSet ? { secret } : { secretFile };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Entra's secrets: 40 characters or so, one of them a tilde, no folder. Keeps a misplaced one out of the message. */
function looksLikeSecret(path: string): boolean {
  return /^[\w.~-]{30,}$/.test(path) && path.includes('~');
}

function resolveSource(source: TenantSettings['sources'][number]): SourceConfig {
  return {
    api: source.api,
    schedule: source.schedule,
    overlapMs: durationMs(source.overlap),
    settleMs: durationMs(source.settle),
    initialLookbackMs: durationMs(source.initialLookback),
  };
}
