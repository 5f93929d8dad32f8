import { describe, expect, it } from 'vitest';
import { isRegisteredRedirect, redirectSource } from '../../../../src/http/oauth/loopback-redirect.ts';

const REGISTERED = ['http://localhost:44300/flexbridge', 'https://127.0.0.1/flexbridge', 'http://[::1]:1/a/b'];

describe('a redirect URI', () => {
  it.each([
    'http://localhost:44300/flexbridge',
    'http://localhost:1/flexbridge',
    'http://localhost/flexbridge',
    'HTTP://LOCALHOST:65535/flexbridge',
    'https://127.0.0.1:8443/flexbridge',
    'http://[::1]:44300/a/b',
  ])('is a registered one on any port: %s', (uri) => {
    expect(isRegisteredRedirect(uri, REGISTERED)).toBe(true);
  });

  it.each([
    ['of another scheme', 'https://localhost:44300/flexbridge'],
    ['of another name for the same machine', 'http://127.0.0.1:44300/flexbridge'],
    ['of another path', 'http://localhost:44300/other'],
    ['of a longer path', 'http://localhost:44300/flexbridge/x'],
    ['with a slash more', 'http://localhost:44300/flexbridge/'],
    ['in other letters', 'http://localhost:44300/Flexbridge'],
    ['with dots that would lead to it', 'http://localhost:44300/x/../flexbridge'],
    ['with a query', 'http://localhost:44300/flexbridge?x=1'],
    ['with an empty query', 'http://localhost:44300/flexbridge?'],
    ['with a fragment', 'http://localhost:44300/flexbridge#x'],
    ['with user info', 'http://u:p@localhost:44300/flexbridge'],
    ['with the name as user info', 'http://localhost:44300@evil.example/flexbridge'],
    ['with the name as a part', 'http://localhost.evil.example/flexbridge'],
    ['with a backslash', 'http://localhost:44300\\@evil.example/flexbridge'],
    ['with a blank', 'http://localhost:44300/flexbridge '],
    ['with a line break', 'http://localhost:44300/flex\nbridge'],
    ['with a port that is none', 'http://localhost:99999/flexbridge'],
    ['of a script', 'javascript:alert(1)'],
    ['of a file', 'file://localhost/flexbridge'],
    ['without a scheme', '//localhost:44300/flexbridge'],
    ['that is empty', ''],
  ])('%s is none', (_name, uri) => {
    expect(isRegisteredRedirect(uri, REGISTERED)).toBe(false);
  });

  it('that is no loopback address is refused even if it is registered', () => {
    const uri = 'https://arcsight.example/flexbridge';
    expect(isRegisteredRedirect(uri, [uri])).toBe(false);
  });

  it('is named to browsers by its origin, an address of IPv6 by its scheme', () => {
    expect(redirectSource('http://localhost:44300/flexbridge')).toBe('http://localhost:44300');
    expect(redirectSource('https://[::1]:44300/flexbridge')).toBe('https:');
  });
});
