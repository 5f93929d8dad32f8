import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderConfigReference } from '../../../src/config/reference.ts';

/** docs/configuration.md as it is. */
const DOCUMENT = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

describe('renderConfigReference', () => {
  const text = renderConfigReference(DOCUMENT);

  it('gives each key its values, its default and its description', () => {
    expect(text).toContain('| `port` | a port from 0 to 65535 | `8443` | Port to listen on; 0 takes a free one. |');
    expect(text).toContain('| `changes` | `first`, `significant`, `all` | `significant` |');
    expect(text).toContain('| `filter.categories` | a list of category names | none |');
  });

  it('reaches the keys of blocks, of lists in lists and of the block branch of a union', () => {
    for (const key of ['page.maxBytes', 'sources[].overlap', 'credential.secretFile', 'tls.certFile'])
      expect(text).toContain(`| \`${key}\` |`);
  });

  it('calls required what has no default and cannot be left out, and nothing else', () => {
    const required = [...text.matchAll(/^\| `([^`]+)` \| .* \| \*\*required\*\* \|/gm)].map(([, key]) => key);
    expect(required).toEqual([
      'tls.certFile',
      'tls.keyFile',
      'health.port',
      'name',
      'tenantId',
      'proxy.url',
      'credential',
      'arcsight.mappings[].field',
      'name',
      'feeds',
      'auth',
      'name',
      'passwordHash',
    ]);
  });

  it('says of a key which kinds of a block it belongs to, and which cannot do without it', () => {
    expect(text).toMatch(
      /\| `credential\.next\.certificateFile` \| .* \| required for `certificate` \| \(`certificate`\) PEM/,
    );
    expect(text).toMatch(/\| `credential\.clientId` \| .* \| required for `secret` and `certificate` \| App/);
  });

  it('has a row for each cloud with its hosts', () => {
    expect(text).toContain('| `dod` | `https://login.microsoftonline.us` | `https://dod-graph.microsoft.us` |');
  });

  it('lists the variables of a single tenant', () => {
    expect(text).toContain('| `FLEXBRIDGE_CLIENT_SECRET_FILE` | `tenants[0].credential.secretFile` |');
  });

  it('is what docs/configuration.md holds', () => {
    const remedy =
      'docs/configuration.md is out of date: run "npm run render" and look at the change before you commit it';
    expect(DOCUMENT, remedy).toBe(text);
  });

  it('writes the parts that are marked, every time anew, and leaves the rest', () => {
    const marks = [...DOCUMENT.matchAll(/<!-- written: (\w+) -->/g)].map(([, name]) => name);
    expect(marks).toEqual(['keys', 'changes', 'clouds', 'variables']);
    const page = 'By hand.\n\n<!-- written: variables -->\n\nold\n\n<!-- end -->\n\nBy hand too.\n';
    const written = renderConfigReference(page);
    expect(written).toMatch(/^By hand\.\n[\s\S]*\| `FLEXBRIDGE_CLOUD` \| [\s\S]*<!-- end -->\n\nBy hand too\.\n$/);
    expect(written).not.toContain('old');
    expect(renderConfigReference(written)).toBe(written);
  });
});
