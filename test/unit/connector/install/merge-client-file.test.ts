import { describe, expect, it } from 'vitest';
import { mergeClientFile } from '../../../../src/connector/install/merge-client-file.ts';
import { readProperties } from '../../../../src/connector/interpreter/properties-reader.ts';

const GENERATED = [
  '# made by flexbridge',
  'client_id=PUT-THE-CLIENT-ID-HERE',
  'client_secret=PUT-THE-CLIENT-SECRET-HERE',
  'auth_url=https://bridge.example:8443/oauth2/authorize',
  'token_url=https://bridge.example:8443/oauth2/token',
  'scope=',
  'reauthenticate=false',
  '',
].join('\n');

const FILLED = GENERATED.replace('PUT-THE-CLIENT-ID-HERE', 'arcsight-01').replace(
  'PUT-THE-CLIENT-SECRET-HERE',
  's3cret',
);

const merge = (installed: string | null) =>
  mergeClientFile(installed === null ? null : Buffer.from(installed, 'latin1'), GENERATED);

describe('mergeClientFile', () => {
  it("is the pack's file where none is installed, or one that was never filled in", () => {
    expect(merge(null)).toEqual({ kind: 'generated', text: GENERATED });
    expect(merge(GENERATED)).toEqual({ kind: 'generated', text: GENERATED });
    expect(merge('client_secret=\n')).toEqual({ kind: 'generated', text: GENERATED });
  });

  it('leaves a filled-in file that otherwise says the same, however it is laid out', () => {
    expect(merge(FILLED)).toEqual({ kind: 'same' });
    expect(merge(FILLED.replaceAll('\n', '\r\n').replace('scope=', 'scope :'))).toEqual({ kind: 'same' });
  });

  it('keeps client id and secret and takes every other key from the pack', () => {
    const old = FILLED.replaceAll('bridge.example:8443', 'old.example').replace(
      'reauthenticate=false',
      'reauthenticate=true',
    );
    expect(merge(old)).toEqual({ kind: 'merged', text: FILLED });
  });

  it('keeps a secret with backslashes, equals signs and a leading blank value for value', () => {
    const old = 'client_id=arcsight-01\nclient_secret=\\ a\\\\b=c:\\u00e9\n';
    const merged = merge(old);
    if (merged.kind !== 'merged') throw new Error(merged.kind);
    expect(readProperties(Buffer.from(merged.text, 'latin1')).values.get('client_secret')).toBe(' a\\b=c:\u00e9');
  });

  it('keeps keys that only the installed file has', () => {
    const merged = merge(`${FILLED.replace('scope=', 'scope=other')}refresh_token=abc\n`);
    if (merged.kind !== 'merged') throw new Error(merged.kind);
    const { values } = readProperties(Buffer.from(merged.text, 'latin1'));
    expect(values.get('refresh_token')).toBe('abc');
    expect(values.get('scope')).toBe('');
  });

  it("takes the pack's client id where the installed one is still the placeholder", () => {
    const merged = mergeClientFile(
      Buffer.from('client_id=PUT-THE-CLIENT-ID-HERE\nclient_secret=s3cret\n'),
      GENERATED.replace('PUT-THE-CLIENT-ID-HERE', 'arcsight-02'),
    );
    if (merged.kind !== 'merged') throw new Error(merged.kind);
    expect(merged.text).toContain('\nclient_id=arcsight-02\nclient_secret=s3cret\n');
  });
});
