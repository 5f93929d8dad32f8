import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export type FoundBrowser =
  | { readonly kind: 'found'; readonly launch: () => Promise<Browser> }
  | { readonly kind: 'missing'; readonly reason: string };

/** Looks for a Chromium of the system; none is ever downloaded. */
export function findBrowser(): FoundBrowser {
  const executablePath = PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) return { kind: 'missing', reason: `there is no Chromium at ${PLACES.join(', ')}` };
  // Its own sandbox does not work for root, as which containers run.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return { kind: 'found', launch: () => chromium.launch({ executablePath, args }) };
}
