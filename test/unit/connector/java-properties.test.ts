import { describe, expect, it } from 'vitest';
import { renderPack } from '../../../src/connector/bundle.ts';
import { renderClientFile } from '../../../src/connector/client-file.ts';
import { loadParser } from '../../../src/connector/interpreter/load-parser.ts';
import { entry, writeProperties } from '../../../src/connector/properties-text.ts';
import { askJava, findJava, reportNotRun } from '../../support/java.ts';
import { PACK_LOGINS, packSettings } from '../../support/pack-settings.ts';

const LAYOUTS = ['microsoft', 'esm'] as const;
const RECEIPT_TIMES = ['feed', 'alert'] as const;

/** Keys and values as the file shows them, one property a line: the generated files need no continuation. */
function asWritten(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line): [string, string] => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1).replaceAll('\\\\', '\\')];
    }),
  );
}

function readByJava(texts: readonly string[]): readonly ReadonlyMap<string, string>[] {
  return askJava(texts.map((text) => ['properties', Buffer.from(text, 'latin1')])).map((answer) => {
    if (answer.kind === 'error') throw new Error(answer.message);
    const pairs = answer.values.map((value) => value ?? '');
    return new Map(pairs.flatMap((key, index) => (index % 2 === 0 ? [[key, pairs[index + 1] ?? ''] as const] : [])));
  });
}

describe('the generated files under java.util.Properties', () => {
  const java = findJava();
  if (java.kind === 'missing') {
    reportNotRun('the generated files under java.util.Properties', java.reason);
    it('has a reason for not being run', () => {
      expect(java.reason).not.toBe('');
    });
    return;
  }

  it('give every key and value as written, for every layout and receipt time', () => {
    const files = LAYOUTS.flatMap((layout) =>
      RECEIPT_TIMES.flatMap((receiptTime) => renderPack(packSettings({ layout, receiptTime }))),
    ).filter(({ path }) => path.endsWith('.properties'));
    const read = readByJava(files.map(({ text }) => text));
    expect(files).toHaveLength(8);
    for (const [index, { text }] of files.entries()) {
      expect(Object.fromEntries(read[index] ?? [])).toEqual(Object.fromEntries(asWritten(text)));
    }
    expect(read[0]?.get('trigger.node.location')).toBe('/');
    expect(read[0]?.get('event.sourceAddress')).toContain('__regexTokenAsAddress(IpAddress,"');
    expect(loadParser(Buffer.from(files[0]?.text ?? '', 'latin1')).lint).toEqual([]);
  });

  it.each(Object.values(PACK_LOGINS))(
    'give the client file of kind $kind as written, a strange secret in it',
    (login) => {
      const clientSecret = ' C:\\users\\new=#h\u00e9 ';
      const settings = packSettings({ login });
      const [plain, filled] = readByJava([renderClientFile(settings), renderClientFile({ ...settings, clientSecret })]);
      expect([...(plain?.keys() ?? [])].toSorted()).toEqual([
        'auth_url',
        'client_id',
        'client_secret',
        'reauthenticate',
        'redirect_uri',
        'scope',
        'token_url',
      ]);
      expect(plain?.get('client_secret')).toBe('PUT-THE-CLIENT-SECRET-HERE');
      expect(filled?.get('client_secret')).toBe(clientSecret);
      expect(filled?.get('client_id')).toBe(login.kind === 'oauth2' ? 'client-7' : 'PUT-THE-CLIENT-ID-HERE');
    },
  );

  it('give back any text that the writer was given', () => {
    const values = [
      '',
      ' leading',
      'trailing ',
      'C:\\users\\new',
      '#no comment',
      '!',
      'a=b:c',
      '\t\r\n\f',
      'h\u00e9\u6f22\u{1F600}',
      '\\u0041',
      'x\\',
    ];
    const text = writeProperties(values.map((value, index) => entry(`key ${index}=:#!\\${value}`, value)));
    const [read] = readByJava([text]);
    expect([...(read ?? [])].toSorted()).toEqual(
      values.map((value, index) => [`key ${index}=:#!\\${value}`, value]).toSorted(),
    );
  });
});
