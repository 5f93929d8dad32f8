import type { Environment } from './environment.ts';
import { TENANT_VARIABLES } from './tenant-variables.ts';

/** What `setup` takes from the environment: answers that were given there, and what stays when it has written a file. */
export interface SetupEnvironment {
  /** Null where the variable is not set, or empty. */
  value(name: string): string | null;
  /** For the configuration that is written: without the variables of a tenant, which stands in the file from then on. */
  readonly rest: Environment;
  /** Names of the tenant's variables that are set; beside a file with tenants they are refused. */
  readonly tenantVariables: readonly string[];
}

export function setupEnvironment(env: Environment = process.env): SetupEnvironment {
  const set = Object.entries(env).filter(([, text = '']) => text !== '');
  return {
    value: (name) => set.find(([known]) => known === name)?.[1] ?? null,
    rest: Object.fromEntries(Object.entries(env).filter(([name]) => !TENANT_VARIABLES.has(name))),
    tenantVariables: set.map(([name]) => name).filter((name) => TENANT_VARIABLES.has(name)),
  };
}
