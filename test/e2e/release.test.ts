import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldsOf, listOf } from '../support/compose.ts';
import { reportNotRun } from '../support/java.ts';
import { installPackages, makeRelease, type Release, readJson, runAsNobody } from '../support/release.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { version, dependencies } = fieldsOf(readJson(ROOT, 'package.json'), 'package.json');
const NAME = `flexbridge-${String(version)}`;

const SMALL = `tenants:
  - name: contoso
    tenantId: 00000000-0000-0000-0000-000000000001
    credential: { clientId: 00000000-0000-0000-0000-000000000002, secretFile: client-secret }
`;

describe('the release', () => {
  let release: Release;
  let place: string;

  beforeAll(() => {
    release = makeRelease({ umask: '022', env: {} });
    place = release.unpack();
  });
  afterAll(() => {
    release.remove();
  });

  it('is an archive named after the version, its list of parts, and the checksums of both', () => {
    expect(release.files).toEqual(['SHA256SUMS', `${NAME}.cdx.json`, `${NAME}.tar.gz`]);
    const sums = release.files
      .filter((file) => file !== 'SHA256SUMS')
      .map((file) => `${sha256(join(release.folder, file))}  ${file}`);
    const written = readFileSync(join(release.folder, 'SHA256SUMS'), 'utf8').trim().split('\n');
    expect(written.toSorted()).toEqual(sums.toSorted());
  });

  it('has the same bytes when it is made again, with another umask, time zone and language', () => {
    const again = makeRelease({ umask: '077', env: { TZ: 'Pacific/Kiritimati', LC_ALL: 'C.UTF-8', LANG: 'C' } });
    try {
      expect(again.files).toEqual(release.files);
      for (const file of release.files)
        expect(sha256(join(again.folder, file)), file).toBe(sha256(join(release.folder, file)));
    } finally {
      again.remove();
    }
  });

  it('holds the program, the documents and the unit, and nothing of the workshop', () => {
    const top = readdirSync(place).toSorted();
    expect(top).toEqual(
      ['.npmrc', 'CHANGELOG.md', 'INSTALL.md', 'LICENSE', 'README.md', 'dist', 'docs', 'flexconnector']
        .concat(['package-lock.json', 'package.json', 'sbom.cdx.json'])
        .toSorted(),
    );
    expect(readdirSync(join(place, 'docs', 'systemd'))).toContain('flexbridge.service');
    expect(statSync(join(place, 'dist', 'main.js')).mode & 0o777).toBe(0o755);
    const hidden = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((path) => /(^|\/)\./.test(path));
    expect(hidden).toEqual(['.npmrc']);
  });

  it('names every package that it installs in the list of parts, with its checksum, and none of development', () => {
    const { packages } = fieldsOf(readJson(place, 'package-lock.json'), 'the lock');
    const { '': root, ...locked } = fieldsOf(packages, 'packages');
    expect(fieldsOf(root, 'the root')['dependencies']).toEqual(dependencies);
    expect(Object.keys(fieldsOf(root, 'the root'))).not.toContain('devDependencies');
    const { components, metadata } = fieldsOf(readJson(place, 'sbom.cdx.json'), 'the list');
    const listed = Array.isArray(components) ? components.map((entry) => fieldsOf(entry, 'a component')) : [];
    const named = new Set(listed.map((entry) => `${String(entry['name'])}@${String(entry['version'])}`));
    const expected = Object.entries(locked).map(
      ([path, entry]) => `${path.replace(/^.*node_modules\//, '')}@${String(fieldsOf(entry, path)['version'])}`,
    );
    expect([...named].toSorted()).toEqual([...new Set(expected)].toSorted());
    for (const entry of listed) expect(listOf(entry['hashes'], String(entry['name']))).not.toEqual([]);
    expect(named.has(`fastify@${String(fieldsOf(dependencies, 'dependencies')['fastify'])}`)).toBe(true);
    expect([...named].filter((name) => /^(vitest|typescript|eslint)@/.test(name))).toEqual([]);
    const { component } = fieldsOf(metadata, 'metadata');
    expect(fieldsOf(component, 'component')).toMatchObject({ name: 'flexbridge', version });
  });

  it('is installed and run in an empty folder as its INSTALL.md says, as nobody where this machine allows it', () => {
    const steps = [...readFileSync(join(place, 'INSTALL.md'), 'utf8').matchAll(/^```sh\n(.*?)\n```$/gms)]
      .flatMap(([, block = '']) => block.split('\n'))
      .map((line) => line.split(' '));
    const [install, ...tries] = steps;
    expect(install).toEqual(['npm', 'ci']);
    expect(tries.map((step) => step.slice(2).join(' '))).toEqual(['--version', 'demo --once']);

    const reason = installPackages(place);
    if (reason !== null) {
      reportNotRun('a release installed and run in an empty folder', reason);
      return;
    }
    const [told, demo] = tries.map((step) => runAsNobody(step, place));
    expect(told).toEqual({ code: 0, out: `${String(version)}\n`, err: '' });
    expect([demo?.code, demo?.err]).toEqual([0, '']);
    expect(demo?.out).toMatch(/Microsoft had (\d+) alerts, stored \1 alerts/);

    writeFileSync(join(place, 'flexbridge.yaml'), SMALL);
    writeFileSync(join(place, 'client-secret'), 'the secret\n');
    const checked = runAsNobody(['node', 'dist/main.js', 'check'], place);
    expect([checked.code, checked.err]).toEqual([0, '']);
    expect(checked.out).toContain('contoso');
    // As the documents and the remedies name a command.
    const named = runAsNobody(['npm', 'run', '--silent', 'flexbridge', '--', '--version'], place);
    expect([named.code, named.out]).toEqual([0, `${String(version)}\n`]);
  });
});

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
