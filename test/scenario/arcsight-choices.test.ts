import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { RESERVED_FIELDS } from '../../src/domain/arcsight-choices.ts';
import { ARCSIGHT_FIELDS } from '../../src/domain/arcsight-fields.ts';
import type { Finding } from '../../src/domain/finding.ts';

const DOCUMENT = readFileSync(new URL('../../docs/arcsight-choices.md', import.meta.url), 'utf8');
const TENANT = `tenants:
  - name: contoso
    tenantId: contoso.example
    credential: { clientId: 11111111-2222-3333-4444-555555555555, secret: a-secret }
`;
const folder = mkdtempSync(join(tmpdir(), 'flexbridge-choices-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What `check` says of the choices of these feeds. */
async function check(feeds: string): Promise<readonly Finding[]> {
  const config = join(folder, 'flexbridge.yaml');
  writeFileSync(config, `${TENANT}${feeds}`);
  let out = '';
  let err = '';
  const console = {
    out: (text: string) => (out += text),
    err: (text: string) => (err += text),
    input: Readable.from([]),
    cwd: folder,
    isTerminal: false,
  };
  const code = await run(['check', '--json', '--config', config], console);
  expect([code, err]).toEqual([0, '']);
  const { findings } = JSON.parse(out) as { readonly findings: readonly Finding[] };
  return findings.filter(({ id }) => id === 'feed.arcsight');
}

const EXAMPLES = [...DOCUMENT.matchAll(/```yaml\n(feeds:[\s\S]*?)```/g)].map(([, yaml = '']) => yaml);

describe('flexbridge check', () => {
  it('says of each feed what existing content would miss', async () => {
    const found = await check(
      'feeds:\n  - name: default\n  - { name: other, layout: esm, arcsight: { deviceProduct: XDR, leaveOut: [Actor] } }\n',
    );
    expect(found.map(({ subject, state }) => `${subject} ${state}`)).toEqual([
      'other/deviceProduct warning',
      'other/layout warning',
      'other/Actor warning',
      'default ok',
    ]);
    for (const { state, remedy } of found) expect(remedy !== '').toBe(state === 'warning');
  });
});

describe('docs/arcsight-choices.md', () => {
  it('has examples that are taken, and the first breaks nothing', async () => {
    expect(EXAMPLES).toHaveLength(6);
    for (const yaml of EXAMPLES) expect((await check(yaml)).length, yaml).toBeGreaterThan(0);
    const [first = ''] = EXAMPLES;
    expect((await check(first)).map(({ state }) => state)).toEqual(['ok']);
  });

  it('lists every field that can be filled', () => {
    const [, list = ''] = DOCUMENT.split('## Every field that can be filled');
    const named = [...list.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    const fields = [...ARCSIGHT_FIELDS.keys()].filter((name) => !RESERVED_FIELDS.has(name));
    expect(named.toSorted()).toEqual(fields.toSorted());
  });

  it('names fields as free that FlexBridge does not fill', () => {
    const free = /^Free are ([\s\S]*?)\.\s/m.exec(DOCUMENT)?.[1] ?? '';
    const reference = readFileSync(new URL('../../docs/fields.md', import.meta.url), 'utf8');
    const names = [...free.matchAll(/`([A-Za-z]\w+)`/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => reference.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
