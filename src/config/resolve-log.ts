import { resolve } from 'node:path';
import type { LogConfig } from './config.ts';
import type { LogSettings } from './log-schema.ts';
import type { ResolveContext } from './resolve-server.ts';

export function resolveLog({ base }: Pick<ResolveContext, 'base'>, settings: LogSettings): LogConfig {
  const { auditFile } = settings;
  return { ...settings, auditFile: auditFile === null ? null : resolve(base, auditFile) };
}
