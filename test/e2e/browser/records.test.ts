import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aBatch, aRecordAside } from '../../contract/detection-store.ts';
import { anAlert } from '../../support/alerts.ts';
import { axeViolations } from '../../support/axe.ts';
import { findBrowser } from '../../support/browser.ts';
import { reportNotRun } from '../../support/java.ts';
import { aKeyPair } from '../../support/key-pair.ts';
import { createRecordRig, type RecordRig } from '../../support/record-rig.ts';

const found = findBrowser();

if (found.kind === 'missing') {
  reportNotRun('browser', found.reason);
  describe('the pages about records in a browser', () => {
    it('is left out only with a reason', () => {
      expect(found.reason).not.toBe('');
    });
  });
} else {
  describe('the pages about records in a browser', () => {
    suite(found.launch);
  });
}

const TITLE = `<img src="https://evil.example/x" onerror="document.title='owned'"><script>document.title='owned'</script>`;
const RAW = JSON.stringify({ id: 'da-1', title: TITLE, list: [1, { deep: 'x'.repeat(400) }] });

function suite(launch: () => Promise<Browser>): void {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let rig: RecordRig;
  let bridge: string;
  /** What the browser complained about, and requests to anybody else. */
  let complaints: string[];

  beforeAll(async () => {
    browser = await launch();
    const { certificatePem: certPem, privateKeyPem: keyPem } = aKeyPair('localhost', 'P-256');
    rig = await createRecordRig({}, { certPem, keyPem });
    const facts = { AlertTitle: TITLE, Severity: 'High', ComputerDnsName: TITLE, Description: `${TITLE}\n|=\\` };
    const others = Array.from({ length: 60 }, (_, one) => anAlert({ alertId: `da-${one + 2}` }));
    await rig.store.append(aBatch({ records: [...others, anAlert({ alertId: 'da-1', raw: RAW, facts })] }));
    await rig.store.append(aBatch({ setAside: [aRecordAside({ id: TITLE, reason: TITLE, raw: TITLE })] }));
    await rig.store.addAudit({ who: TITLE, action: 'sign-in', details: { address: '192.0.2.7' } });
    await rig.app.listen({ port: 0, host: '127.0.0.1' });
    bridge = `https://localhost:${(rig.app.server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await browser.close();
    await rig.close();
  });
  beforeEach(() => open());
  afterEach(() => context.close());

  const open = async (): Promise<void> => {
    context = await browser.newContext({ ignoreHTTPSErrors: true });
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(bridge)) complaints.push(`a request to ${request.url()}`);
    });
    await page.goto(`${bridge}/status/events`);
    await page.getByLabel('Name').fill('ops');
    await page.getByLabel('Password').fill('any');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Search' }).waitFor();
  };

  it('lead from the sign-in to a search and to an event, whose text stays text', async () => {
    await page.getByLabel('Text in the event').fill('ONERROR');
    await page.getByRole('button', { name: 'Search' }).click();
    expect(await page.getByLabel('Text in the event').inputValue()).toBe('ONERROR');
    await page.getByRole('table').getByRole('link').click();
    await page.getByRole('heading', { name: "Microsoft's record" }).waitFor();
    expect(await page.title()).toBe('Event 61 of the feed default - FlexBridge');
    const record = page.getByRole('region', { name: "Microsoft's record" });
    expect(JSON.parse((await record.locator('pre').textContent()) ?? '')).toEqual(JSON.parse(RAW));
    const cef = await page.getByRole('region', { name: 'CEF line' }).locator('pre').textContent();
    expect(cef).toContain('<script>document.title');
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it.each([
    '/status/events',
    '/status/events?search=onerror',
    '/status/events/default/61',
    '/status/quarantine',
    '/status/quarantine/1',
    '/status/audit',
  ])(
    'are clean for a screen reader, in light and dark, on a screen and on a phone: %s',
    async (path) => {
      await page.goto(bridge + path);
      for (const width of [1280, 320]) {
        await page.setViewportSize({ width, height: 800 });
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          expect(await axeViolations(page)).toEqual([]);
          expect(await page.evaluate<boolean>(TOO_WIDE)).toBe(false);
        }
      }
      expect(complaints).toEqual([]);
    },
    60_000,
  );

  it('show the four forms of an event beside each other on a screen, one below the other on a phone', async () => {
    const tops = async (): Promise<readonly (number | undefined)[]> => {
      const boxes = await page.locator('.sides > section').all();
      return Promise.all(boxes.map(async (box) => (await box.boundingBox())?.y));
    };
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`${bridge}/status/events/default/61`);
    const wide = await tops();
    expect([wide.length, wide[0]]).toEqual([4, wide[1]]);
    await page.setViewportSize({ width: 360, height: 640 });
    const narrow = await tops();
    expect(narrow).toEqual(narrow.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
    expect(new Set(narrow).size).toBe(4);
  });

  it('go back and forth with the links alone', async () => {
    await page.getByRole('link', { name: 'Older' }).click();
    await page.getByRole('link', { name: '1', exact: true }).waitFor();
    await page.getByRole('link', { name: 'Newer' }).click();
    expect(await page.getByRole('link', { name: '61', exact: true }).count()).toBe(1);
    expect(complaints).toEqual([]);
  });
}

/** Text, because the tests know no types of a browser. */
const TOO_WIDE = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
