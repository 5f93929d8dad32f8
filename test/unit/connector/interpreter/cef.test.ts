import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCef } from '../../../../src/connector/interpreter/cef.ts';
import type { ArcSightEvent } from '../../../../src/connector/interpreter/interpret.ts';

function event(parts: Partial<ArcSightEvent>): ArcSightEvent {
  return { fields: {}, severity: 'Low', additionalData: {}, ...parts };
}

/** The extension of an event that has only this message. */
function message(text: string): string {
  return toCef(event({ fields: { message: text } })).replace(/^CEF:0\|{5}\|Low\| /, '');
}

describe('CEF line', () => {
  it('has the header, values before labels, and additional data last', () => {
    const line = toCef({
      fields: {
        deviceVendor: 'Microsoft',
        deviceProduct: 'Microsoft Defender ATP',
        deviceVersion: '2.0',
        deviceCustomString2: 'd-1',
        deviceCustomString2Label: 'Detection ID',
        deviceEventClassId: 'defender:process:execution',
        name: 'Suspicious process',
        deviceSeverity: 'High',
        endTime: 1_600_000_000_123,
        flexNumber1: 1,
        flexNumber1Label: 'Mapping Version',
        deviceCustomIPv6Address2: 'fe80::1',
      },
      severity: 'Very-High',
      additionalData: { AlertId: 'da1', 'Drop reason=': 'a=b' },
    });
    expect(line).toBe(
      'CEF:0|Microsoft|Microsoft Defender ATP|2.0|defender:process:execution|Suspicious process|Very-High| ' +
        'cs2=d-1 deviceSeverity=High end=1600000000123 flexNumber1=1 c6a2=fe80::1 ' +
        'cs2Label=Detection ID flexNumber1Label=Mapping Version _cefVer=0.1 ad.AlertId=da1 ad.Drop_,reason_=a\\=b',
    );
  });

  it('has all seven parts of the header even when they are empty', () => {
    expect(toCef(event({ severity: 'Unknown' }))).toBe('CEF:0||||||Unknown| _cefVer=0.1');
  });

  it('escapes backslash and pipe in the header, not the equals sign, and has no line ends there', () => {
    const line = toCef(event({ fields: { name: 'a|b\\c=d\r\ne\nf' } }));
    expect(line).toBe('CEF:0|||||a\\|b\\\\c=d e f|Low| _cefVer=0.1');
  });

  it('escapes backslash and equals sign in values, not the pipe', () => {
    expect(message('C:\\x=1|2')).toBe('msg=C:\\\\x\\=1|2 _cefVer=0.1');
  });

  it('writes line ends in values as CEF has them', () => {
    expect(message('a\nb\rc\r\nd')).toBe('msg=a\\nb\\rc\\r\\nd _cefVer=0.1');
  });

  it('writes out what would move a terminal, break a line or turn the text', () => {
    expect(message('a\u001b[2J\u0007\u009b\u2028\u202e\ud800')).toBe(
      'msg=a\\\\u001b[2J\\\\u0007\\\\u009b\\\\u2028\\\\u202e\\\\ud800 _cefVer=0.1',
    );
    expect(toCef(event({ fields: { name: 'a\u001bb\u2029' } }))).toContain('|a\\\\u001bb\\\\u2029|');
  });

  it('leaves every other character as it is', () => {
    expect(message('caf\u00e9 \u6f22 \u{1F600}')).toBe('msg=caf\u00e9 \u6f22 \u{1F600} _cefVer=0.1');
  });

  it('stays one printable line whatever the event holds', () => {
    const text = fc.string({ unit: 'binary' });
    const any = fc.record({ name: text, message: text, key: text, value: text });
    fc.assert(
      fc.property(any, ({ name, message: msg, key, value }) => {
        const line = toCef(event({ fields: { name, message: msg }, additionalData: { [key]: value } }));
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
        expect(line.split(/(?<!\\)(?:\\\\)*\|/)[0]).toBe('CEF:0');
        expect(line.isWellFormed()).toBe(true);
      }),
    );
  });
});
