import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { microsoftRows } from '../../../../src/cli/doctor/microsoft-rows.ts';
import { run } from '../../../../src/cli/program.ts';
import { folder } from '../../config/config-folder.ts';
import { configOf } from './doctor-config.ts';

/** Nobody listens there. */
const NOBODY = 'https://127.0.0.1:1';

async function tenants(count: number) {
  const place = await folder();
  await place.write('secret', 'a-secret', 0o600);
  const names = Array.from({ length: count }, (_, index) => `t${index}`);
  const yaml = names.map(
    (name) =>
      `  - { name: ${name}, tenantId: ${name}.example, cloud: custom, endpoints: { login: "${NOBODY}", graph: "${NOBODY}" }, credential: { clientId: client-1, secretFile: secret } }\n`,
  );
  await place.write('flexbridge.yaml', `server: { port: 0 }\ntenants:\n${yaml.join('')}`);
  return { names, file: join(place.path, 'flexbridge.yaml') };
}

describe('many tenants', () => {
  it('are each tried, and told as they are done', async () => {
    const { names, file } = await tenants(20);
    const told: number[] = [];
    const rows = await microsoftRows((await configOf(file)).tenants, (done) => told.push(done));
    expect(told).toEqual(names.map((_, index) => index + 1));
    expect(rows.map(({ id, subject, state }) => [id, subject, state])).toEqual(
      names.map((name) => ['token', name, 'failed']),
    );
  });

  it.each([
    [true, 9, true],
    [true, 8, false],
    [false, 9, false],
  ])('on a terminal (%s), %d of them, show how far it is: %s', async (isTerminal, count, isShown) => {
    const { file } = await tenants(count);
    let [out, err] = ['', ''];
    const code = await run(['doctor', '--config', file], {
      out: (text) => (out += text),
      err: (text) => (err += text),
      input: Readable.from(['']),
      cwd: '/',
      isTerminal,
    });
    expect(code).toBe(1);
    expect(err.includes(`${count} of ${count}  tenants tried`)).toBe(isShown);
    expect(out).not.toContain('tenants tried');
  });
});
