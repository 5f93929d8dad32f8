import type { SourceName } from '../domain/detection.ts';
import { BridgeError } from '../domain/errors.ts';
import { API_TABLE } from './api-table.ts';
import type { Source } from './source.ts';

/**
 * An API that the tenant's cloud does not have. The tenant's other sources go on; this one fails like one that is refused,
 * so that it shows where every other failure does.
 */
export function createAbsentSource(name: SourceName, tenantName: string): Source {
  return {
    name,
    serverNow: () => Promise.reject(notInCloud(name, tenantName)),
    pages: () => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(notInCloud(name, tenantName)) }),
    }),
    single: null,
    blurMs: 0,
    normalise: (raw) => ({ records: [], rejected: [{ id: null, code: 'unreadable', reason: 'no such API', raw }] }),
    tokenProblem: () => null,
  };
}

function notInCloud(name: SourceName, tenantName: string): BridgeError {
  return new BridgeError({
    code: 'API_NOT_IN_CLOUD',
    kind: 'operator',
    message: `the cloud of tenant ${tenantName} has no ${API_TABLE[name].title}, as far as is known, so ${name} cannot be read.`,
    hint: `Poll another API of this tenant (${others(name)}), or give the host of this one under \`endpoints\` of the tenant.`,
  });
}

function others(name: SourceName): string {
  return Object.keys(API_TABLE)
    .filter((other) => other !== name)
    .join(' or ');
}
