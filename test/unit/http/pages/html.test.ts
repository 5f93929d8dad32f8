import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, htmlText } from '../../../../src/http/pages/html.ts';
import { layout } from '../../../../src/http/pages/layout.ts';

describe('html', () => {
  it('escapes whatever is put in, and leaves its own pieces as they are', () => {
    const piece = html`<b>${'<i>&"\''}</b>`;
    expect(htmlText(html`<p title="${'"x"'}">${piece}${[piece, piece]}${null}${7}</p>`)).toBe(
      `<p title="&quot;x&quot;">${'<b>&lt;i&gt;&amp;&quot;&#39;</b>'.repeat(3)}7</p>`,
    );
  });

  it('lets no text out of the place where it was put', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const [, attribute = '', content = ''] =
          /^<a b="([^"<>]*)">([^<>"]*)<\/a>$/.exec(htmlText(html`<a b="${text}">${text}</a>`)) ?? [];
        const plain = text.toWellFormed().replaceAll('\0', '\ufffd');
        expect([decoded(attribute), decoded(content)]).toEqual([plain, plain]);
      }),
    );
  });

  it('takes no text for a piece that only looks like one', () => {
    const forged: unknown = JSON.parse('{"html":"<script>"}');
    expect(() => htmlText(html`${forged as string}`)).not.toThrow();
    expect(htmlText(html`${forged as string}`)).not.toContain('<script>');
  });
});

describe('a page', () => {
  it('names its language, its title and who has signed in', () => {
    const text = layout({ title: 'A & B', viewer: { operator: 'o<p>s', csrf: 't' }, content: html`<p>x</p>` });
    expect(text).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(text).toContain('<title>A &amp; B - FlexBridge</title>');
    expect(text).toContain('o&lt;p&gt;s');
    expect(text).toContain('name="csrf" value="t"');
  });
});

function decoded(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
