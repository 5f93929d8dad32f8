import { resolve } from 'node:path';
import { SOURCE_NAMES, type SourceName } from '../domain/detection.ts';
import type { SourceConfig, TenantConfig } from './config.ts';
import type { ConfigPath } from './config-path.ts';
import { readNamed } from './named-file.ts';
import { certificateBlocks, noCertificate, readCertificate } from './pem-pair.ts';
import type { Report } from './report.ts';
import { resolveCloud } from './resolve-cloud.ts';
import { resolveCredential } from './resolve-credential.ts';
import { resolveProxy } from './resolve-proxy.ts';
import type { ResolveContext } from './resolve-server.ts';
import { resolveSource } from './resolve-source.ts';
import { toNode } from './schema-node.ts';
import { isText } from './secret-text.ts';
import { isList } from './settings-tree.ts';
import { SourceSchema, TenantSchema } from './tenant-schema.ts';

/**
 * Resolves each part of a tenant that can be judged by itself, so that one wrong key does not hide the next problem.
 * Null when anything was wrong; the report then says what.
 */
export async function resolveTenant(
  context: ResolveContext,
  at: ConfigPath,
  item: unknown,
): Promise<TenantConfig | null> {
  const raw = toNode(item);
  const sources = resolveSources(context, [...at, 'sources'], raw['sources']);
  const cloud = resolveCloud(context, at, raw, apisOf(raw['sources']));
  const caPem = await resolveCa(context, [...at, 'caFile'], raw['caFile']);
  const proxy = await resolveProxy(context, [...at, 'proxy'], raw['proxy']);
  const credential = await resolveCredential(context, [...at, 'credential'], raw['credential']);
  if (!context.check.fits(TenantSchema, at, item) || cloud === null || credential === null) return null;
  return { name: item.name, tenantId: item.tenantId.toLowerCase(), ...cloud, caPem, proxy, credential, sources };
}

function resolveSources({ report, check }: ResolveContext, at: ConfigPath, sources: unknown): readonly SourceConfig[] {
  if (!isList(sources)) return [];
  reportTwice(report, at, sources);
  return sources.flatMap((source, index) => {
    const place = [...at, index];
    return check.fits(SourceSchema, place, source) ? [resolveSource(report, place, source)] : [];
  });
}

function reportTwice(report: Report, at: ConfigPath, sources: readonly unknown[]): void {
  const seen = new Set<unknown>();
  for (const [index, source] of sources.entries()) {
    const { api } = toNode(source);
    if (isText(api) && seen.has(api))
      report.problem([...at, index, 'api'], `${api} is listed twice`, 'Keep one of the two.');
    seen.add(api);
  }
}

function apisOf(sources: unknown): readonly SourceName[] {
  const given = isList(sources) ? sources.map((source) => toNode(source)['api']) : [];
  return SOURCE_NAMES.filter((api) => given.includes(api));
}

async function resolveCa(context: ResolveContext, at: ConfigPath, caFile: unknown): Promise<string | null> {
  if (!isText(caFile)) return null;
  const file = resolve(context.base, caFile);
  const bytes = await readNamed(context, at, file);
  if (bytes === null) return null;
  const blocks = certificateBlocks(bytes);
  if (blocks.length > 0 && blocks.every((pem) => readCertificate(pem) !== null)) return bytes.toString('latin1');
  const { message, remedy } = noCertificate({ file });
  context.report.problem(at, message, remedy);
  return null;
}
