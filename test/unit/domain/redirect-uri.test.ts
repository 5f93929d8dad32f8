import { describe, expect, it } from 'vitest';
import { DEFAULT_REDIRECT_URIS } from '../../../src/domain/connector-auth.ts';
import { redirectUriFault } from '../../../src/domain/redirect-uri.ts';

describe('a redirect URI', () => {
  it.each([...DEFAULT_REDIRECT_URIS, 'http://127.0.0.1', 'https://[::1]:44300/a/b'])(
    'may lead to the machine of the browser: %s',
    (uri) => {
      expect(redirectUriFault(uri)).toBeNull();
    },
  );

  it.each([
    'http://bridge.example/',
    'http://localhost.bridge.example/',
    'http://localhost@bridge.example/',
    'http://localhost\\@bridge.example/',
    'http://127.0.0.1.bridge.example/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http:localhost',
    'javascript://localhost/%0aalert(1)',
    'http://localhost/#x',
    'http://localhost/a?b=c',
    'http://localhost/a@b',
    'http://localhost/\u200b',
    ' http://localhost/',
    '',
  ])('may lead nowhere else: %j', (uri) => {
    expect(redirectUriFault(uri)).not.toBeNull();
  });
});
