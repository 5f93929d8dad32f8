import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { renderApiReference } from '../../../../src/defender/map/api-reference.ts';
import { COVERAGE } from '../../../../src/defender/map/coverage.ts';
import { normalisePayload } from '../../../../src/defender/map/payload.ts';
import { type FactValue, SOURCE_NAMES, type SourceName } from '../../../../src/domain/detection.ts';
import { FIELDS } from '../../../../src/domain/fields.ts';
import { apiFixture } from '../../../support/api-fixture.ts';

const ROWS = Object.entries(COVERAGE);

/** Every value of every fact that an answer is made into. */
function factsOf(payload: unknown): ReadonlyMap<string, readonly FactValue[]> {
  const { records } = normalisePayload(payload);
  const sets = records.flatMap(({ facts, evidence }) => [
    facts,
    ...evidence.flatMap((item) => [item.facts, item.telemetry ?? {}]),
  ]);
  const found = new Map<string, FactValue[]>();
  for (const [name, value] of sets.flatMap((facts) => Object.entries(facts))) {
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

/** The payload without these members, wherever they stand. A path is taken by its last name. */
function without(json: unknown, members: readonly string[]): unknown {
  const names = new Set(members.map((member) => (member.startsWith('@') ? member : member.replace(/^.*\./, ''))));
  return JSON.parse(JSON.stringify(json, (name, value: unknown) => (names.has(name) ? undefined : value))) as unknown;
}

describe('the table of what each API can fill', () => {
  it('has a row for every field that comes from Microsoft', () => {
    const names = FIELDS.filter(({ of }) => of !== 'event').map(({ name }) => name);
    expect(Object.keys(COVERAGE).toSorted()).toEqual(names.toSorted());
  });

  it.each(SOURCE_NAMES)('names exactly the fields that a full answer of %s fills', (source) => {
    const promised = ROWS.filter(([, row]) => row[source] !== null).map(([name]) => name);
    expect([...factsOf(apiFixture(source)).keys()].toSorted()).toEqual(promised.toSorted());
  });

  const cells = ROWS.flatMap(([name, row]) =>
    SOURCE_NAMES.flatMap((source): readonly (readonly [SourceName, string, readonly string[]])[] => {
      const { [source]: members } = row;
      return members === null ? [] : [[source, name, members]];
    }),
  );

  it.each(cells)('%s: %s comes from %s and says less without', (source, name, members) => {
    const payload = apiFixture(source);
    const [before, after] = [factsOf(payload), factsOf(without(payload, members))];
    expect(JSON.stringify(payload)).not.toBe(JSON.stringify(without(payload, members)));
    expect(after.get(name)).not.toEqual(before.get(name));
  });
});

describe('renderApiReference', () => {
  const text = renderApiReference();

  it('has a row of three APIs for every field', () => {
    const rows = [...text.matchAll(/^\| `(\w+)` \|(?: [^|]+ \|){3}$/gm)].map(([, name]) => name);
    expect(rows.toSorted()).toEqual(Object.keys(COVERAGE).toSorted());
  });

  it('says what an API has no member for', () => {
    expect(text).toContain('| `LinkToWDATP` | `alertWebUrl` | - | `LinkToWDATP` |');
    expect(text).toMatch(/^\* `siem-detections`: .*`Status`, /m);
  });

  it('is what docs/apis.md holds', async () => {
    const remedy = 'docs/apis.md is out of date: npm run render';
    expect(await readFile(new URL('../../../../docs/apis.md', import.meta.url), 'utf8'), remedy).toBe(text);
  });
});
