import { resolve } from 'node:path';
import { resolveCertificate } from './certificate-material.ts';
import type { CredentialConfig } from './config.ts';
import type { ConfigPath } from './config-path.ts';
import { dayMs } from './formats.ts';
import type { Place } from './report.ts';
import { baseUrl, type ResolveContext } from './resolve-server.ts';
import { isRecord, type SchemaNode } from './schema-node.ts';
import { Secret } from './secret.ts';
import { isText, readLine, resolveSecret } from './secret-text.ts';

type Secrets = Extract<CredentialConfig, { kind: 'secret' }>['secrets'];
type Certificates = Extract<CredentialConfig, { kind: 'certificate' }>['certificates'];
type IdentityEndpoint = Extract<CredentialConfig, { kind: 'managed-identity' }>['endpoint'];

/** Azure's instance metadata service. */
const IMDS_URL = 'http://169.254.169.254';

/**
 * Judged whatever else is wrong with the tenant, as long as the kind is known. Null when something is missing; the
 * report then says what.
 */
export async function resolveCredential(
  context: ResolveContext,
  at: ConfigPath,
  credential: unknown,
): Promise<CredentialConfig | null> {
  if (!isRecord(credential)) return null;
  const clientId = isText(credential['clientId']) ? credential['clientId'] : null;
  switch (credential['kind']) {
    case 'secret': {
      const secrets = await resolveSecrets(context, at, credential);
      return secrets === null || clientId === null ? null : { kind: 'secret', clientId, secrets };
    }
    case 'certificate': {
      const certificates = await resolveCertificates(context, at, credential);
      return certificates === null || clientId === null ? null : { kind: 'certificate', clientId, certificates };
    }
    case 'workload-identity':
      return resolveWorkload(context, at, credential, clientId);
    case 'managed-identity': {
      const endpoint = identityEndpoint(context, at, credential);
      return endpoint === null ? null : { kind: 'managed-identity', clientId, endpoint };
    }
    default:
      return null;
  }
}

/** The credential's own block, and the `next` one if there is one, each with its place. */
function liveBlocks(at: ConfigPath, credential: SchemaNode): readonly (readonly [ConfigPath, SchemaNode])[] {
  const { next } = credential;
  return isRecord(next)
    ? [
        [at, credential],
        [[...at, 'next'], next],
      ]
    : [[at, credential]];
}

async function resolveSecrets(
  context: ResolveContext,
  at: ConfigPath,
  credential: SchemaNode,
): Promise<Secrets | null> {
  const found = await Promise.all(
    liveBlocks(at, credential).map(async ([place, block]) => {
      const secret = await resolveSecret(context, place, block, 'secret');
      const { expires } = block;
      return secret === null ? null : { text: secret.text, expiresMs: isText(expires) ? dayMs(expires) : null };
    }),
  );
  return allOf(found);
}

async function resolveCertificates(
  context: ResolveContext,
  at: ConfigPath,
  credential: SchemaNode,
): Promise<Certificates | null> {
  const blocks = liveBlocks(at, credential);
  return allOf(await Promise.all(blocks.map(([place, block]) => resolveCertificate(context, place, block))));
}

function allOf<T>(items: readonly (T | null)[]): readonly T[] | null {
  const found = items.filter((item) => item !== null);
  return found.length === items.length ? found : null;
}

/** The variables are those that Azure's workload identity sets in a pod. */
async function resolveWorkload(
  context: ResolveContext,
  at: ConfigPath,
  { tokenFile: named, clientId: givenId }: SchemaNode,
  clientId: string | null,
): Promise<CredentialConfig | null> {
  const { report, env, base } = context;
  const id = givenId === undefined ? given(env['AZURE_CLIENT_ID']) : clientId;
  if (id === null && givenId === undefined)
    report.problem([...at, 'clientId'], 'is missing, and AZURE_CLIENT_ID is not set', 'Add it, or set the variable.');
  const fileAt = [...at, 'tokenFile'];
  const variable = named === undefined ? 'AZURE_FEDERATED_TOKEN_FILE' : null;
  const path = variable === null ? named : given(env[variable]);
  if (variable !== null && path === null) {
    const remedy = 'Add it, or let the workload identity webhook set the variable.';
    report.problem(fileAt, `is missing, and ${variable} is not set`, remedy);
  }
  if (!isText(path)) return null;
  const tokenFile = resolve(base, path);
  const place = variable === null ? report.placeOf(fileAt) : ofVariable(variable);
  const token = await readLine(context, fileAt, tokenFile, place);
  return id === null || token === null ? null : { kind: 'workload-identity', clientId: id, tokenFile };
}

/** The configured one, else the one that App Service announces in the environment, else the machine's own. */
function identityEndpoint(
  { report, env }: ResolveContext,
  at: ConfigPath,
  { endpoint }: SchemaNode,
): IdentityEndpoint | null {
  if (endpoint !== undefined) {
    return isText(endpoint) && URL.canParse(endpoint) ? { kind: 'imds', url: baseUrl(endpoint) } : null;
  }
  const url = given(env['IDENTITY_ENDPOINT']);
  const header = given(env['IDENTITY_HEADER']);
  if (url === null || header === null) return { kind: 'imds', url: IMDS_URL };
  // The platform's own word: it may be http on any address that it gives its sandbox.
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return { kind: 'app-service', url, header: new Secret(header) };
  const remedy = 'Unset the variable, or configure endpoint.';
  report.problem([...at, 'endpoint'], 'is not an http or https URL', remedy, ofVariable('IDENTITY_ENDPOINT'));
  return null;
}

function given(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

function ofVariable(variable: string): Place {
  return { file: null, line: null, variable };
}
