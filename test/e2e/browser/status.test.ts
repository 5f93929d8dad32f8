import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { axeViolations } from '../../support/axe.ts';
import { findBrowser } from '../../support/browser.ts';
import { reportNotRun } from '../../support/java.ts';
import { createStatusRig, OPERATOR, type StatusRig } from '../../support/status-rig.ts';

const found = findBrowser();

if (found.kind === 'missing') {
  reportNotRun('browser', found.reason);
  describe('the status page in a browser', () => {
    it('is left out only with a reason', () => {
      expect(found.reason).not.toBe('');
    });
  });
} else {
  describe('the status page in a browser', () => {
    suite(found.launch);
  });
}

function suite(launch: () => Promise<Browser>): void {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let rig: StatusRig;
  /** What the browser complained about, and requests to anybody else. */
  let complaints: string[];

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    // Alerts without end: one every second.
    rig = await createStatusRig({
      tenants: [{ name: 'contoso' }, { name: 'fabrikam', hasWrongSecret: true }],
      backlog: 400,
      live: 500,
      livePeriodMs: 1000,
    });
    await rig.polled();
    await rig.poll();
  });
  afterEach(async () => {
    await context.close();
    await rig.close();
  });

  /** A fresh browser in which the operator has signed in. */
  const open = async (options: BrowserContextOptions = {}, path = '/status'): Promise<void> => {
    context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(rig.url)) complaints.push(`a request to ${request.url()}`);
    });
    await page.goto(rig.url + path);
    await page.getByLabel('Name').fill(OPERATOR.name);
    await page.getByLabel('Password').fill(OPERATOR.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('#sentence').waitFor();
  };
  const newest = (): Promise<string | null> => page.locator('#latest tbody tr').first().getAttribute('id');
  const untilNewer = async (than: string | null): Promise<void> => {
    await page.locator(`#latest tbody tr:first-child:not(#${than ?? ''})`).waitFor();
  };

  it('comes after the sign-in, says where the chain is broken, and shows an event that arrives without reload', async () => {
    await open({}, '/');
    expect(new URL(page.url()).pathname).toBe('/status');
    expect(await page.locator('#sentence').textContent()).toBe(
      'Detections of 1 of 2 tenants do not reach ArcSight: fabrikam.',
    );
    await page.evaluate('window.sameDocument = true');
    await untilNewer(await newest());
    expect(await page.evaluate('window.sameDocument')).toBe(true);
    expect(await page.title()).toBe('Detections of 1 of 2 tenants do not reach ArcSight: fabrikam. - FlexBridge');
    expect(complaints).toEqual([]);
  });

  it('leaves focus, folded parts and scrolling alone when it brings itself up to date', async () => {
    await open({ viewport: { width: 1000, height: 500 } });
    await page.locator('#numbers > summary').click();
    await page.locator('#findings-ok > summary').focus();
    await page.keyboard.press('Enter');
    const scrolled = await page.evaluate<number>('scrollY');
    expect(scrolled).toBeGreaterThan(0);
    const before = await newest();
    await untilNewer(before);
    expect(await page.evaluate('document.activeElement.parentElement.id')).toBe('findings-ok');
    expect(await page.locator('details[open]').count()).toBe(2);
    expect(await page.evaluate<number>('scrollY')).toBe(scrolled);
    // The row of an event is the same element further down, not a new one with other text.
    expect(await page.locator(`#${before ?? ''}`).count()).toBe(1);
  });

  it('changes the range of the charts at once, by mouse and keyboard, and keeps it on reload', async () => {
    await open();
    await page.evaluate('window.sameDocument = true');
    await page.getByRole('link', { name: 'week' }).click();
    await page.getByText('in the last week.').first().waitFor();
    expect(await page.evaluate('window.sameDocument')).toBe(true);
    await page.getByRole('link', { name: 'day', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('in the last day.').first().waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('range-day');
    await page.reload();
    await page.getByText('in the last day.').first().waitFor();
    expect(complaints).toEqual([]);
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 320],
    ['dark', 320],
  ] as const)(
    'can be read by everybody in %s colours at %i pixels, without scrolling sideways',
    async (colorScheme, width) => {
      await open({ colorScheme, viewport: { width, height: 700 } });
      for (const path of ['/status', '/status/downloads']) {
        await page.goto(rig.url + path);
        await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
        expect(await axeViolations(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(
          0,
        );
      }
      expect(complaints).toEqual([]);
    },
  );

  it('says that the bridge does not answer, and from when the page is', async () => {
    await open();
    const taken = await page.locator('#taken').textContent();
    await rig.stopBridge();
    const note = page.locator('#connection');
    await page.locator('#connection:not(:empty)').waitFor();
    expect(await note.textContent()).toMatch(
      /^The bridge does not answer\. What you see is from 20[\d-]{8} [\d:]{8} UTC/,
    );
    expect(await page.locator('#sentence').isVisible()).toBe(true);
    expect(taken).toMatch(/UTC$/);
  });

  it('says that the session is over, with a link that leads back', async () => {
    await open({}, '/status?range=day');
    const other = await context.newPage();
    await other.goto(`${rig.url}/status`);
    await other.getByRole('button', { name: 'Sign out' }).click();
    await other.getByLabel('Password').waitFor();
    const link = page.locator('#connection').getByRole('link', { name: 'Sign in' });
    await link.waitFor();
    expect(await page.locator('#connection').textContent()).toContain('Your session is over.');
    await link.click();
    await page.getByLabel('Name').fill(OPERATOR.name);
    await page.getByLabel('Password').fill(OPERATOR.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('in the last day.').first().waitFor();
    expect(complaints).toEqual([]);
  });

  it('asks for nothing while nobody looks at it', async () => {
    await open();
    await page.clock.install();
    await page.reload();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.evaluate(`
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
    await page.clock.runFor(60_000);
    expect(asked).toEqual([]);
    await page.evaluate(`
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => false });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
    await page.waitForResponse(`${rig.url}/status/live`);
  });

  it('is a plain page with a hint to reload where scripts are not allowed', async () => {
    await open({ javaScriptEnabled: false });
    expect(await page.locator('#how').textContent()).toBe('Reload the page to see what is new.');
    await page.getByRole('link', { name: 'week' }).click();
    await page.getByText('in the last week.').first().waitFor();
  });

  it('lets the operator download the pack', async () => {
    await open();
    await page.getByRole('link', { name: 'Downloads' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'connector.zip' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('flexbridge-default.zip');
    expect(await download.failure()).toBeNull();
    expect(complaints).toEqual([]);
  });
}
