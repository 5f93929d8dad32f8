/** Pictures of the status page for the documentation: npm run screenshots [-- NAME...] */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { findBrowser } from '../support/browser.ts';
import { createStatusRig, OPERATOR, type StatusRig, type StatusRigOptions } from '../support/status-rig.ts';
import { pastMeasures } from './past-measures.ts';

const FOLDER = fileURLToPath(new URL('../../docs/images/', import.meta.url));

interface Scene {
  readonly name: string;
  readonly options: () => StatusRigOptions;
  /** Bring the chain to where it is to be seen. */
  readonly prepare: (rig: StatusRig) => Promise<void>;
  readonly width: number;
  /** Of the page, from its top; longer pages are cut. */
  readonly height: number;
  readonly dark?: boolean;
  readonly range?: 'hour' | 'day' | 'week';
}

const DAY_MS = 86_400_000;
const names = ['contoso', 'fabrikam', 'northwind', 'tailspin', 'adatum'];
const tenantNames = Array.from(
  { length: 50 },
  (_none, index) => `${names[index % 5] ?? ''}-${String(index + 1).padStart(2, '0')}`,
);
const soon = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

/** Alerts of the last minutes, and some that come while it runs. */
const ALERTS = { backlog: 200, live: 40, livePeriodMs: 2000 } as const;

function healthy(): StatusRigOptions {
  return {
    tenants: [{ name: 'contoso', expires: soon(200) }],
    ...ALERTS,
    measures: pastMeasures(Date.now()),
  };
}

function degraded(): StatusRigOptions {
  return {
    tenants: [
      { name: 'contoso', expires: soon(200) },
      { name: 'fabrikam', hasWrongSecret: true },
      { name: 'northwind', expires: soon(12) },
    ],
    ...ALERTS,
    measures: pastMeasures(Date.now()),
  };
}

async function delivered(rig: StatusRig): Promise<void> {
  await rig.polled();
  for (let count = 0; count < 5; count += 1) await rig.poll();
}

const SCENES: readonly Scene[] = [
  { name: 'healthy', options: healthy, prepare: delivered, width: 1280, height: 1500 },
  { name: 'degraded', options: degraded, prepare: delivered, width: 1280, height: 1700, range: 'day' },
  {
    name: 'empty',
    options: () => ({ tenants: [{ name: 'contoso' }], isSilent: true }),
    prepare: () => Promise.resolve(),
    width: 1280,
    height: 1400,
  },
  {
    name: '50-tenants',
    options: () => ({
      tenants: tenantNames.map((name, index) => ({ name, expires: soon(90 + index), hasWrongSecret: index === 16 })),
      live: 1,
      livePeriodMs: 1000,
      measures: pastMeasures(Date.now()),
    }),
    prepare: delivered,
    width: 1280,
    height: 1500,
    range: 'week',
  },
  { name: 'phone', options: degraded, prepare: delivered, width: 390, height: 1600 },
  { name: 'dark', options: degraded, prepare: delivered, width: 1280, height: 1300, dark: true, range: 'day' },
];

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Name').fill(OPERATOR.name);
  await page.getByLabel('Password').fill(OPERATOR.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#sentence').waitFor();
}

async function take(browser: Browser, { name, options, prepare, width, height, dark, range }: Scene): Promise<void> {
  const rig = await createStatusRig(options());
  try {
    await prepare(rig);
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: { width, height: 900 },
      colorScheme: dark === true ? 'dark' : 'light',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    await signIn(page, `${rig.url}/status?range=${range ?? 'hour'}`);
    await page.evaluate('document.activeElement.blur()');
    const whole = await page.evaluate<number>('document.documentElement.scrollHeight');
    const path = `${FOLDER}status-${name}.png`;
    await page.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(whole, height) } });
    await context.close();
    process.stdout.write(`${path}\n`);
  } finally {
    await rig.close();
  }
}

const found = findBrowser();
const wanted = process.argv.slice(2);
if (found.kind === 'missing') {
  process.stderr.write(`NOT RUN: screenshots, because ${found.reason}\n`);
  process.exitCode = 1;
} else {
  mkdirSync(FOLDER, { recursive: true });
  const browser = await found.launch();
  try {
    for (const scene of SCENES) if (wanted.length === 0 || wanted.includes(scene.name)) await take(browser, scene);
  } finally {
    await browser.close();
  }
}
