import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
}

function read(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')) as Record<string, unknown>;
}

const manifest = read('package.json') as {
  dependencies: object;
  devDependencies: object;
  allowScripts: Record<string, boolean>;
};
const packages = Object.entries(read('package-lock.json')['packages'] as Record<string, Locked>).filter(
  ([path]) => path !== '',
);

describe('the packages that are installed', () => {
  it('are pinned by a digest each, and come from the registry alone', () => {
    expect(packages.length).toBeGreaterThan(100);
    for (const [path, { integrity, resolved, link }] of packages) {
      expect([path, integrity?.slice(0, 7), link]).toEqual([path, 'sha512-', undefined]);
      if (resolved !== undefined) expect(resolved).toMatch(/^https:\/\/registry\.npmjs\.org\//);
    }
  });

  it('run no install script but those that package.json lists', () => {
    const names = packages
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.replace(/^.*node_modules\//, ''));
    const decided = Object.keys(manifest.allowScripts);
    expect(names.filter((name) => name !== 'fsevents' && !decided.includes(name))).toEqual([]);
    expect(Object.entries(manifest.allowScripts).filter(([, allowed]) => allowed)).toEqual([['better-sqlite3', true]]);
  });

  it('are named with an exact version', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
    }
  });
});
