import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { renderFieldReference } from '../../../src/connector/field-reference.ts';
import { FIELDS } from '../../../src/domain/fields.ts';

describe('renderFieldReference', () => {
  const text = renderFieldReference();

  it('has one row for every field of the feed', () => {
    const rows = [...text.matchAll(/^\| `(\w+)` \| (?:String|Integer|Long) \|/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(FIELDS.map(({ name }) => name).sort());
  });

  it('says for each ArcSight field where it comes from and when', () => {
    expect(text).toContain('| `deviceCustomString3` | `CommandLine` | Command Line |  |');
    expect(text).toContain('| `destinationHostName` | `MachineName` |  | (layout esm) |');
    expect(text).toContain('| `deviceReceiptTime` | `FeedTime` |  | (receiptTime feed) |');
    expect(text).toContain('| `deviceProduct` | always "Microsoft Defender ATP" |  |  |');
    expect(text).toContain('| low | Low, Informational, UnSpecified |');
  });

  it('is what docs/fields.md holds', async () => {
    const remedy = 'docs/fields.md is out of date: npm run render';
    expect(await readFile(new URL('../../../docs/fields.md', import.meta.url), 'utf8'), remedy).toBe(text);
  });
});
