import { describe, expect, it } from 'vitest';
import { createBypass } from '../../../../src/defender/proxy/no-proxy.ts';

describe('the list of hosts that are reached directly', () => {
  it.each([
    ['login.example', 'login.example', 443, true],
    ['login.example', 'LOGIN.example.', 443, true],
    [' Login.Example ', 'login.example', 443, true],
    ['login.example', 'eu.login.example', 443, true],
    ['login.example', 'mylogin.example', 443, false],
    ['login.example', 'login.example.evil', 443, false],
    ['.example', 'login.example', 443, true],
    ['.example', 'example', 443, true],
    ['*.example', 'login.example', 443, true],
    ['*.example', 'loginexample', 443, false],
    ['login.example:8443', 'login.example', 8443, true],
    ['login.example:8443', 'login.example', 443, false],
    ['10.1.2.3', '10.1.2.3', 443, true],
    ['10.1.2.3', '10.1.2.30', 443, false],
    ['10.0.0.0/8', '10.200.0.1', 443, true],
    ['10.0.0.0/8', '11.0.0.1', 443, false],
    ['10.0.0.0/8', 'ten.example', 443, false],
    ['10.0.0.0/8:8443', '10.0.0.1', 8443, true],
    ['10.0.0.0/8:8443', '10.0.0.1', 443, false],
    ['0.0.0.0/0', '192.0.2.1', 443, true],
    ['2001:db8::1', '2001:db8::1', 443, true],
    ['2001:db8::1', '[2001:DB8:0::1]', 443, true],
    ['2001:db8::/32', '2001:db8:9::1', 443, true],
    ['2001:db8::/32', '2001:db9::1', 443, false],
    ['[2001:db8::1]:8443', '2001:db8::1', 8443, true],
    ['[2001:db8::1]:8443', '2001:db8::1', 443, false],
    ['[2001:db8::]/32', '2001:db8::5', 443, true],
    ['[2001:db8::/32]:443', '2001:db8::5', 443, true],
    ['10.0.0.0/8', '::ffff:10.0.0.1', 443, true],
    ['*', 'anything.example', 1, true],
    ['*:8443', 'anything.example', 8443, true],
    ['*:8443', 'anything.example', 443, false],
  ])('%j and %s:%s: %s', (entry, host, port, expected) => {
    expect(createBypass([entry])(host, port)).toBe(expected);
  });

  it('may be empty, and one of its entries is enough', () => {
    expect(createBypass(['', ' '])('login.example', 443)).toBe(false);
    expect(createBypass(['a.example', '10.0.0.0/8', 'b.example'])('b.example', 443)).toBe(true);
  });

  it.each([
    '10.0.0.0/33',
    '2001:db8::/129',
    '10.0.0.0/',
    '10.0.0.0/x',
    '10.0.0.0/8/8',
    'name/8',
    'https://login.example',
    'login.example:https',
    'a..b',
    'two names',
    '::1::2',
    '10.*',
    '<local>',
  ])('passes over %j, which it cannot read, and keeps to the others', (entry) => {
    const bypass = createBypass([entry, 'ok.example']);
    expect(bypass('ok.example', 443)).toBe(true);
    for (const host of ['login.example', '10.0.0.1', '2001:db8::1', '::1', 'a.b', 'name']) {
      expect(bypass(host, 443)).toBe(false);
    }
  });
});
