import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config, TenantConfig } from '../../config/config.ts';
import { type ConfigFiles, diskFiles } from '../../config/config-files.ts';
import { loadConfig } from '../../config/load.ts';
import { BridgeError } from '../../domain/errors.ts';
import type { Draft, Place } from './answers.ts';
import { configYaml } from './config-yaml.ts';
import { extendedYaml } from './extended-yaml.ts';

/** Where the configuration goes, and what is there now. */
export interface Target {
  /** Absolute. */
  readonly file: string;
  /** Text of the file that gets one more tenant; null: a whole file is written. */
  readonly existing: string | null;
}

/** Everything that is known before anything is written. */
export interface Plan {
  readonly draft: Draft;
  readonly target: Target;
  readonly yaml: string;
  /** Name of the new file with the client secret, beside the configuration; null where none is written. */
  readonly secretFile: string | null;
  readonly config: Config;
  /** The one that was asked for, with the secret in it. */
  readonly tenant: TenantConfig;
}

/**
 * The file that the answers make, judged by the loader as it will be read, before it is there.
 * @throws ConfigError with every problem at once
 */
export async function makePlan(draft: Draft, target: Target, place: Place): Promise<Plan> {
  const { answers, secret } = draft;
  const secretFile = secret === null || answers.credential !== 'secret' ? null : newSecretFile(draft, target, place);
  const named = secretFile ?? answers.clientSecretFile ?? '';
  const yaml = target.existing === null ? configYaml(answers, named) : extendedYaml(target.existing, answers, named);
  const written = new Map([[target.file, yaml]]);
  if (secretFile !== null) written.set(resolve(place.folder, secretFile), secret?.reveal() ?? '');
  const files = withWritten(written);
  const config = await loadConfig({ argvPath: target.file, env: place.env.rest, cwd: place.folder, files });
  const tenant = config.tenants.find(({ name }) => name === answers.tenantName);
  if (tenant === undefined) throw vanished();
  return { draft, target, yaml, secretFile, config, tenant: withSecret(tenant, draft) };
}

/** A secret that is in use already keeps its file. */
function newSecretFile({ answers }: Draft, { existing }: Target, { folder }: Place): string {
  const isFree = existing === null && !existsSync(resolve(folder, 'client-secret'));
  return isFree ? 'client-secret' : `client-secret-${answers.tenantName ?? ''}`;
}

/** The disk, with the files that are still to be written. */
function withWritten(written: ReadonlyMap<string, string>): ConfigFiles {
  return {
    read: (path) => {
      const text = written.get(path);
      return text === undefined ? diskFiles.read(path) : Promise.resolve(Buffer.from(text));
    },
    mode: (path) => (written.has(path) ? Promise.resolve(0o600) : diskFiles.mode(path)),
  };
}

function withSecret(tenant: TenantConfig, { secret }: Draft): TenantConfig {
  const { credential } = tenant;
  if (credential.kind !== 'secret' || secret === null) return tenant;
  const secrets = credential.secrets.map((entry) => ({ ...entry, text: { kind: 'given', secret } as const }));
  return { ...tenant, credential: { ...credential, secrets } };
}

function vanished(): BridgeError {
  return new BridgeError({
    code: 'SETUP_TENANT',
    kind: 'bug',
    message: 'the configuration that was made has no tenant of the name that was asked for',
    hint: 'This is a defect of FlexBridge. Please report it with the answers that were given.',
  });
}
