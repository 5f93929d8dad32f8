import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { copiesOf, environmentOf, execForm, parseDockerfile, textsOf } from '../../support/dockerfile.ts';

const ROOT = new URL('../../../', import.meta.url);
const text = readFileSync(new URL('Dockerfile', ROOT), 'utf8');
const stages = parseDockerfile(text);
const [build, runtime] = stages;
if (build === undefined || runtime === undefined) throw new Error('the Dockerfile has fewer than two stages');
const last = (keyword: string): string => textsOf(runtime.instructions, keyword).at(-1) ?? '';
const all = stages.flatMap(({ instructions }) => instructions);

describe('the Dockerfile', () => {
  it('builds in one stage and runs in another, on the same Node and the same Debian, minor version pinned', () => {
    expect(stages.map(({ name }) => name)).toEqual(['build', 'runtime']);
    expect(build.base).toMatch(/^node:\d+\.\d+-[a-z]+$/);
    expect(runtime.base).toBe(`${build.base}-slim`);
  });

  it('uses a Node of an LTS line, and none with whose headers better-sqlite3 aborts', () => {
    const [, major = 0, minor = 0] = /^node:(\d+)\.(\d+)/.exec(runtime.base)?.map(Number) ?? [];
    expect([20, 22, 24].includes(major) || major >= 26, 'odd lines up to 25 never become LTS').toBe(true);
    // nodejs/node issue 65446; 26 has had both halves of the change since 26.4.
    expect(major === 24 && minor >= 19).toBe(false);
    expect(major === 26 && minor < 4).toBe(false);
  });

  it('installs what the lockfile says, compiles, and drops what only development needs', () => {
    const steps = textsOf(build.instructions, 'RUN').join('\n');
    const order = ['npm ci', 'tsc -p tsconfig.json', 'npm prune --omit=dev'].map((step) => steps.indexOf(step));
    expect(order.every((at) => at >= 0)).toBe(true);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(steps).not.toMatch(/npm (install|i|update)\b/);
    expect(environmentOf(build)['npm_config_build_from_source']).toBe('true');
  });

  it('copies only what is in the repository', () => {
    const sources = stages.flatMap((stage) => copiesOf(stage)).filter(({ stage }) => stage === null);
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources.flatMap((copy) => copy.sources))
      expect(existsSync(new URL(source, ROOT)), source).toBe(true);
  });

  it('holds the program, its packages, its manifest and the licence, and nothing else of the repository', () => {
    const held = copiesOf(runtime).flatMap(({ stage, sources }) => sources.map((source) => [stage, source]));
    expect(held).toEqual([
      [null, 'LICENSE'],
      ['build', '/build/package.json'],
      ['build', '/build/node_modules'],
      ['build', '/build/dist'],
    ]);
  });

  it('runs as a user of its own, by number, and is not root again afterwards', () => {
    expect(textsOf(runtime.instructions, 'USER')).toEqual(['10001:10001']);
    const after = runtime.instructions.slice(runtime.instructions.findIndex(({ keyword }) => keyword === 'USER'));
    expect(textsOf(after, 'RUN')).toEqual([]);
  });

  it('keeps all that is written below /data, which belongs to that user and is closed to others', () => {
    expect(environmentOf(runtime)['FLEXBRIDGE_STORE__PATH']).toBe('/data/flexbridge.db');
    expect(last('VOLUME')).toBe('/data');
    expect(textsOf(runtime.instructions, 'RUN').join('\n')).toContain('install -d -o 10001 -g 10001 -m 0700 /data');
  });

  it('can be reached from outside of the container', () => {
    expect(environmentOf(runtime)['FLEXBRIDGE_SERVER__HOST']).toBe('0.0.0.0');
    expect(last('EXPOSE')).toBe('8443');
  });

  it('gets signals itself and is asked to stop by the one that serve takes as the end', () => {
    expect(execForm(last('ENTRYPOINT'))).toEqual(['node', '/app/dist/main.js']);
    expect(execForm(last('CMD'))).toEqual(['serve']);
    expect(last('STOPSIGNAL')).toBe('SIGTERM');
  });

  it('checks its health with what is in the image', () => {
    const check = last('HEALTHCHECK');
    expect(check).toMatch(/--interval=\d+s .*--timeout=\d+s .*--start-period=\d+s .*--retries=\d+ +CMD \[/);
    expect(execForm(check)[0]).toBe('node');
    expect(check).not.toMatch(/curl|wget|rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED/);
  });

  it('fetches nothing by address and holds no secret', () => {
    expect(textsOf(all, 'ADD')).toEqual([]);
    expect(text).not.toMatch(/curl|wget/);
    const names = stages.flatMap((stage) => Object.keys(environmentOf(stage)));
    expect([...names, ...textsOf(all, 'ARG')].filter((name) => /secret|password|token|key/i.test(name))).toEqual([]);
  });

  it('says what it is, in the version of package.json', () => {
    const labels = textsOf(runtime.instructions, 'LABEL').join(' ');
    const manifest = readFileSync(new URL('package.json', ROOT), 'utf8');
    const [, version = 'none'] = /"version": "([^"]+)"/.exec(manifest) ?? [];
    for (const label of [`version="${version}"`, 'title="FlexBridge"', 'licenses="Apache-2.0"', 'description="'])
      expect(labels).toContain(`org.opencontainers.image.${label}`);
  });
});

describe('the build context', () => {
  const rules = readFileSync(new URL('.dockerignore', ROOT), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  it('leaves everything out but what is listed, so that no secret of the folder gets into a layer', () => {
    expect(rules[0]).toBe('*');
    expect(rules.slice(1).every((rule) => /^!\w[\w.-]*$/.test(rule))).toBe(true);
  });

  it('lists exactly what the Dockerfile copies', () => {
    const copied = stages
      .flatMap((stage) => copiesOf(stage))
      .filter(({ stage }) => stage === null)
      .flatMap(({ sources }) => sources);
    const allowed = rules.slice(1).map((rule) => rule.slice(1));
    expect(allowed.toSorted()).toEqual(copied.toSorted());
  });
});
