import { describe, expect, it } from 'vitest';
import { createSecretHider } from '../../../../src/cli/support-bundle/hide-secrets.ts';
import { findLeaks } from '../../../support/leak-check.ts';

const SECRET = 'a~secret/with+all=kinds&of "signs"';

describe('the search for secrets before a bundle is written', () => {
  const hide = createSecretHider([SECRET, 'abc']);

  it('takes a known secret out in every form that it may have been written in', () => {
    const forms = [
      SECRET,
      encodeURIComponent(SECRET),
      JSON.stringify({ text: SECRET }),
      Buffer.from(SECRET).toString('hex'),
      ...['', 'x', 'xy'].map((before) => Buffer.from(`${before}${SECRET} and more`).toString('base64')),
      Buffer.from(`user:${SECRET}`).toString('base64url'),
    ];
    for (const form of forms) {
      const { text, count } = hide(`before ${form} behind`);
      expect(findLeaks([{ what: 'the secret', text: SECRET }], [{ where: form, text }])).toEqual([]);
      expect(text).toMatch(/^before .*behind$/);
      expect(count).toBeGreaterThan(0);
    }
  });

  it('takes out what looks like a secret, whoever it belongs to', () => {
    const token = 'eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln';
    const shown = (text: string): string => hide(text).text;
    expect(shown(`authorization: Bearer ${token}`)).toBe('authorization: Bearer [secret]');
    expect(shown(`got ${token}.`)).not.toContain('eyJ');
    expect(shown('GET /v1?since=5&key=0123456789 HTTP/1.1')).toBe('GET /v1?since=5&key=[secret] HTTP/1.1');
    expect(shown('client_secret=0123456789&scope=x')).toBe('client_secret=[secret]&scope=x');
    expect(shown('http://user:pass@proxy.example:3128/')).toBe('http://[secret]@proxy.example:3128/');
    expect(shown('{"password":"p\\"q","name":"x"}')).toBe('{"password":"[secret]","name":"x"}');
    expect(shown('a\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nb')).toBe('a\n[secret]\nb');
  });

  it('leaves alone what is none, and secrets too short to be any', () => {
    const text = 'abc keyFile=/run/secrets/key publicUrl https://bridge.example:8443 basic auth 2026-01-31T00:00:00Z';
    expect(hide(text)).toEqual({ text, count: 0 });
  });
});
