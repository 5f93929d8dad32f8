import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findBrowser } from '../../support/browser.ts';
import { reportNotRun } from '../../support/java.ts';
import { aKeyPair } from '../../support/key-pair.ts';
import {
  authorizePath,
  CLIENT,
  createOAuthRig,
  exchange,
  type OAuthRig,
  PASSWORD,
  tokensOf,
} from '../../support/oauth-rig.ts';
import { listenForRedirect, type RedirectListener } from '../../support/redirect-listener.ts';

const found = findBrowser();

if (found.kind === 'missing') {
  reportNotRun('browser', found.reason);
  describe('the login in a browser', () => {
    it('is left out only with a reason', () => {
      expect(found.reason).not.toBe('');
    });
  });
} else {
  describe('the login in a browser', () => {
    suite(found.launch);
  });
}

function suite(launch: () => Promise<Browser>): void {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let rig: OAuthRig;
  let bridge: string;
  let listener: RedirectListener;
  /** What the browser complained about: refused styles, forms, redirects. */
  let complaints: string[];

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    const { certificatePem: certPem, privateKeyPem: keyPem } = aKeyPair('localhost', 'P-256');
    rig = await createOAuthRig({ certPem, keyPem });
    await rig.app().listen({ port: 0, host: '127.0.0.1' });
    bridge = `https://localhost:${(rig.app().server.address() as AddressInfo).port}`;
    await open();
  });
  afterEach(async () => {
    await context.close();
    await listener.close();
    await rig.close();
  });

  /** A fresh browser, and a connector that listens. */
  const open = async (scheme: 'http' | 'https' = 'http', host?: string, options: object = {}): Promise<void> => {
    listener = await listenForRedirect(scheme, host);
    context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  };
  const reopen = async (...how: Parameters<typeof open>): Promise<void> => {
    await context.close();
    await listener.close();
    await open(...how);
  };
  const asked = (): string => bridge + authorizePath({ redirect_uri: listener.redirectUri });
  const signIn = async (password = PASSWORD): Promise<void> => {
    await page.getByLabel('Name').fill('ops');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  const carried = (): Record<string, string> =>
    Object.fromEntries(new URLSearchParams(listener.received[0]?.split('?')[1]));

  it.each([
    ['http', 'localhost'],
    ['https', 'localhost'],
    ['http', '127.0.0.1'],
    ['http', '[::1]'],
  ] as const)('leads from the address of the connector to a code at %s://%s', async (scheme, host) => {
    await reopen(scheme, host);
    await page.goto(asked());
    expect(await page.title()).toBe('Sign in - FlexBridge');
    await signIn();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(`Let ${CLIENT.connector} read events?`);
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(`${listener.redirectUri}?**`);
    expect(carried()['state']).toBe('s-1');
    const tokens = await tokensOf(rig, exchange(carried()['code'] ?? '', listener.redirectUri));
    expect(tokens.expires_in).toBe(3600);
    expect(complaints).toEqual([]);
  });

  it('tells the connector when the operator denies', async () => {
    await page.goto(asked());
    await signIn();
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.waitForURL(`${listener.redirectUri}?**`);
    expect(carried()).toMatchObject({ error: 'access_denied', state: 's-1' });
  });

  it('asks nobody twice who has signed in, until the session is signed out', async () => {
    await page.goto(asked());
    await signIn();
    await page.goto(asked());
    await page.getByRole('button', { name: 'Allow' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    await page.goto(asked());
    expect(await page.title()).toBe('Sign in - FlexBridge');
  });

  it('works from a link of another site, where the browser leaves the cookie out: the operator signs in once more', async () => {
    await page.goto(asked());
    await signIn();
    const portal = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<!doctype html><title>portal</title><a href="${asked().replaceAll('&', '&amp;')}">login</a>`);
    });
    await new Promise<void>((resolve) => {
      portal.listen(0, '127.0.0.1', resolve);
    });
    // Another site: 127.0.0.1 and localhost have nothing in common for a browser.
    await page.goto(`http://127.0.0.1:${(portal.address() as AddressInfo).port}/`);
    await page.getByRole('link', { name: 'login' }).click();
    expect(await page.title()).toBe('Sign in - FlexBridge');
    await signIn();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(`${listener.redirectUri}?**`);
    expect(carried()['code']).toMatch(/^[A-Za-z0-9_-]{43}$/);
    portal.closeAllConnections();
    portal.close();
  });

  it('says that a password is wrong where a screen reader hears it, and keeps the name', async () => {
    await page.goto(asked());
    await signIn('wrong');
    expect(await page.getByRole('alert').textContent()).toBe('The name or the password is wrong.');
    expect(await page.getByLabel('Name').inputValue()).toBe('ops');
    await signIn();
    await page.getByRole('button', { name: 'Allow' }).waitFor();
  });

  it('is done with the keyboard alone, and the focus can be seen', async () => {
    await page.goto(asked());
    // The browser sets the focus once the page has been drawn.
    await page.locator('#name:focus').waitFor();
    await page.keyboard.type('ops');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    expect(await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Allow' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${listener.redirectUri}?**`);
  });

  it.each(['light', 'dark'] as const)('can be read on a phone in %s colours', async (colorScheme) => {
    await reopen('http', 'localhost', { viewport: { width: 320, height: 640 }, colorScheme });
    await page.goto(asked());
    await signIn();
    await page.getByRole('button', { name: 'Allow' }).waitFor();
    const seen = await page.evaluate<Look>(LOOK);
    expect(seen).toMatchObject({ tooWide: false, language: 'en' });
    expect(contrast(seen.ink, seen.paper)).toBeGreaterThan(7);
    expect(complaints).toEqual([]);
  });

  it('is not shown in a frame of another site', async () => {
    const thief = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<!doctype html><title>thief</title><iframe src="${asked().replaceAll('&', '&amp;')}"></iframe>`);
    });
    await new Promise<void>((resolve) => {
      thief.listen(0, '127.0.0.1', resolve);
    });
    await page.goto(`http://127.0.0.1:${(thief.address() as AddressInfo).port}/`);
    expect(await page.frames()[1]?.getByLabel('Password').count()).toBe(0);
    expect(complaints.join(' ')).toMatch(/frame-ancestors|X-Frame-Options|chrome-error/i);
    thief.closeAllConnections();
    thief.close();
  });
}

interface Look {
  readonly tooWide: boolean;
  readonly language: string;
  readonly ink: string;
  readonly paper: string;
}

/** A Look, as the page computes it; text, because the tests know no types of a browser. */
const LOOK = `({
  tooWide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  language: document.documentElement.lang,
  ink: getComputedStyle(document.body).color,
  paper: getComputedStyle(document.querySelector('main')).backgroundColor,
})`;

/** Contrast ratio of two colours as `rgb(r, g, b)` (WCAG 2.2). */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [one, other].map(luminance).sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
    const value = Number(part) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
