import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { renderConfigReference } from '../../../src/config/reference.ts';

describe('renderConfigReference', () => {
  const text = renderConfigReference();

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
      'name',
      'tenantId',
      'proxy.url',
      'credential',
      'name',
      'feeds',
      'auth',
      'auth.secretHash',
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

  it('is what docs/configuration.md holds', async () => {
    const remedy =
      'docs/configuration.md is out of date: run "npm run render" and look at the change before you commit it';
    expect(await readFile(new URL('../../../docs/configuration.md', import.meta.url), 'utf8'), remedy).toBe(text);
  });
});
