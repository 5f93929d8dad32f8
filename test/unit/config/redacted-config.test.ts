import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redactedConfig } from '../../../src/config/redacted-config.ts';

const APP = '99999999-8888-4777-8666-555555555555';

describe('the configuration for somebody who may not know its secrets', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexbridge-redacted-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const read = (text: string, env = {}) => {
    writeFileSync(join(folder, 'flexbridge.yaml'), text);
    return redactedConfig({ env, cwd: folder });
  };
  const tenant = (...lines: readonly string[]) =>
    ['tenants:', '  - name: contoso', ...lines.map((line) => `    ${line}`)].join('\n');

  it('shows addresses, files and the app, where they plainly are no secrets', async () => {
    writeFileSync(join(folder, 'client-secret'), 'x');
    const { written, hidden } = await read(
      `${tenant(
        `credential: { clientId: ${APP}, secretFile: client-secret }`,
        'endpoints: { login: "https://login.example" }',
        'proxy: { url: "http://proxy.example:3128", passwordFile: client-secret }',
      )}\nserver: { publicUrl: "https://bridge.example:8443" }`,
    );
    for (const part of [APP, 'client-secret', 'https://login.example', 'proxy.example:3128', 'bridge.example'])
      expect(written).toContain(part);
    expect(hidden).toEqual([]);
  });

  it('shows no secret, nor one that stands where it does not belong', async () => {
    const { written, effective, hidden } = await read(
      `# canary-comment\n${tenant(
        'secrt: canary-key',
        'credential: { clientId: canary-client, secret: canary-secret, secretFile: canary-file, next: { secret: canary-next } }',
        'endpoints: { login: "https://user:canary-login@login.example" }',
        'proxy: "http://u:canary-proxy@proxy.example"',
      )}\noperators: [{ name: ops, passwordHash: canary-hash }]\nserver: { publicUrl: "https://x.example/?key=canary-url" }`,
    );
    expect(`${written}${effective}`).not.toContain('canary');
    expect(hidden).toEqual([
      'tenants[0].secrt',
      'tenants[0].credential.clientId',
      'tenants[0].credential.secret',
      'tenants[0].credential.secretFile',
      'tenants[0].credential.next.secret',
      'tenants[0].endpoints.login',
      'tenants[0].proxy',
      'operators[0].passwordHash',
      'server.publicUrl',
    ]);
  });

  it('names variables of the environment that are set, and none of their values', async () => {
    const { variables, effective } = await read(tenant('tenantId: t'), {
      FLEXBRIDGE_STORE__PATH: 'elsewhere/flexbridge.db',
      FLEXBRIDGE_TENANTS__0__CREDENTIAL__SECRET: 'canary-variable',
      FLEXBRIDGE_NONSENSE: 'canary-nonsense',
      HTTPS_PROXY: 'http://u:canary-proxy@proxy.example',
    });
    expect(variables).toEqual([
      'FLEXBRIDGE_NONSENSE is set',
      'FLEXBRIDGE_STORE__PATH sets store.path',
      'FLEXBRIDGE_TENANTS__0__CREDENTIAL__SECRET sets tenants[0].credential.secret',
      'HTTPS_PROXY is set',
    ]);
    expect(effective).toContain('elsewhere/flexbridge.db');
    expect(effective).not.toContain('canary');
  });

  it('tells of a file that is no YAML only that it is there', async () => {
    const { file, written, effective } = await read('tenants: [ { secret: canary');
    expect([file, written, effective]).toEqual([join(folder, 'flexbridge.yaml'), null, null]);
  });
});
