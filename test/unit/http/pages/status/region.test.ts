import { describe, expect, it } from 'vitest';
import { type Html, html, htmlText } from '../../../../../src/http/pages/html.ts';
import { ago } from '../../../../../src/http/pages/moment.ts';
import { region } from '../../../../../src/http/pages/status/region.ts';

function versionOf(content: Html): string {
  return /data-version="([0-9a-f]{16})"/.exec(htmlText(region({ id: 'x', heading: 'X', content })))?.[1] ?? '';
}

describe('the version of a region', () => {
  it('stays the same while only the words for a moment change', () => {
    expect(versionOf(html`<p>${ago(1000, 2000)}</p>`)).toBe(versionOf(html`<p>${ago(1000, 90_000)}</p>`));
  });

  it('changes with a moment itself, and with any other text', () => {
    const first = versionOf(html`<p>${ago(1000, 90_000)} a</p>`);
    expect(versionOf(html`<p>${ago(2000, 90_000)} a</p>`)).not.toBe(first);
    expect(versionOf(html`<p>${ago(1000, 90_000)} b</p>`)).not.toBe(first);
  });

  it('changes with text from outside that looks like a moment', () => {
    expect(versionOf(html`<p>${'<time x>one'}</p>`)).not.toBe(versionOf(html`<p>${'<time x>two'}</p>`));
  });
});
