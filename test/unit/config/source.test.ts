import { describe, expect, it } from 'vitest';
import { load, problemsOf, tenantYaml, yamlWith } from './config-folder.ts';

const yamlOf = (source: string) => `tenants:\n${tenantYaml('contoso', [`sources: [${source}]`])}`;

async function sourceOf(source: string) {
  const { tenants, warnings } = await load(yamlOf(source));
  return { source: tenants[0]?.sources[0], warnings: warnings.map(({ path, message }) => `${path}: ${message}`) };
}

describe('a source', () => {
  it('has its slices, its wide look back and its budget', async () => {
    const { source, warnings } = await sourceOf('{ slice: 24h, rescan: { every: 30m }, budget: 7 }');
    expect(source).toMatchObject({
      sliceMs: 86_400_000,
      rescan: { everyMs: 1_800_000, reachMs: 86_400_000 },
      budgetPages: 7,
    });
    expect(warnings).toEqual([]);
  });

  it('may go without the look back, with a warning that says what is lost', async () => {
    const { source, warnings } = await sourceOf('{ rescan: off }');
    expect(source?.rescan).toBeNull();
    expect(warnings).toEqual([
      'tenants[0].sources[0].rescan: is off, so a record that Microsoft shows more than 15m (the overlap) after its update is never read',
    ]);
  });

  it('may stand beside another one of the tenant', async () => {
    const { tenants } = await load(yamlOf('{ api: defender-alerts }, { api: graph-alerts }'));
    expect(tenants[0]?.sources.map(({ api }) => api)).toEqual(['defender-alerts', 'graph-alerts']);
  });

  it.each([
    ['{ slice: 59s }', 'slice | must be from 1m to 24h, not 59s'],
    ['{ slice: 25h }', 'slice | must be from 1m to 24h, not 25h'],
    ['{ rescan: { reach: 10m } }', 'rescan.reach | 10m is less than overlap (15m)'],
    ['{ rescan: { every: 0s } }', 'rescan.every | must be more than 0'],
    ['{ rescan: never }', 'rescan | must be off, or a block with every and reach, not "never"'],
    ['{ rescan: { often: 1h } }', 'rescan.often | is not a known key'],
    ['{ budget: 0 }', 'budget | must be a whole number from 1 to 10000'],
  ])('that does not fit is refused: %s', async (source, problem) => {
    expect(await problemsOf(yamlOf(source))).toEqual([expect.stringContaining(`5 | tenants[0].sources[0].${problem}`)]);
  });

  it('is judged although another part of the tenant is wrong', async () => {
    const found = await problemsOf(yamlOf('{ slice: 1s }').replace('contoso.example', 'contoso'));
    expect(found.map((text) => text.split(' | ')[1])).toEqual(['tenants[0].tenantId', 'tenants[0].sources[0].slice']);
  });

  it.each([
    ['{ settle: 15m }', 'tenants[0].sources[0].settle: 15m is not shorter than overlap (15m)'],
    ['{ rescan: { every: 25h } }', 'tenants[0].sources[0].rescan.every: 25h is more than reach (24h)'],
  ])('that is doubtful is taken with a warning: %s', async (source, warning) => {
    expect((await sourceOf(source)).warnings).toEqual([expect.stringContaining(warning)]);
  });
});

describe('a feed', () => {
  it('may have one detection for each alert', async () => {
    const { feeds } = await load(yamlWith('feeds: [{ detections: perAlert }]'));
    expect(feeds).toMatchObject([{ detections: 'perAlert' }]);
  });
});
