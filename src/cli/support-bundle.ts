import { resolve } from 'node:path';
import { systemClock } from '../domain/clock.ts';
import { utcStamp } from '../store/durable-file.ts';
import type { Console } from './console.ts';
import type { BundlePart } from './support-bundle/bundle-part.ts';
import { collectParts } from './support-bundle/collect-parts.ts';
import { createSecretHider } from './support-bundle/hide-secrets.ts';
import { contents, MANIFEST, manifestText } from './support-bundle/manifest.ts';
import { writeBundle } from './support-bundle/write-bundle.ts';

export interface SupportBundleOptions {
  readonly config?: string;
  readonly out?: string;
  readonly log?: string;
  readonly offline?: boolean;
}

/**
 * Writes one zip with what support needs to see, for this account alone. Works beside a running bridge, without one, and
 * with a configuration that is not taken; what cannot be had is named. Secrets are left out where each file is made, and
 * all of it is searched once more before it is written.
 */
export async function supportBundle(options: SupportBundleOptions, console: Console): Promise<number> {
  const { config, log, offline = false } = options;
  const nowMs = systemClock.now();
  const path = resolve(console.cwd, options.out ?? `flexbridge-support-${utcStamp(nowMs)}.zip`);
  const logPath = log === undefined ? undefined : resolve(console.cwd, log);
  const { parts, missing, secrets } = await collectParts({ configPath: config, log: logPath, offline }, console);
  const hide = createSecretHider(secrets);
  const shown = parts.map((part) => ({ part, ...hide(part.text) }));
  const safeMissing = missing.map((one) => ({ ...one, because: hide(one.because).text }));
  const list = contents(
    shown.map(({ part: { path: name, about }, text, count }) => ({
      path: name,
      about,
      bytes: Buffer.byteLength(text),
      hidden: count,
    })),
    safeMissing,
  );
  const manifest: BundlePart = {
    path: MANIFEST,
    about: 'this list',
    text: manifestText(new Date(nowMs).toISOString(), list),
  };
  const bytes = await writeBundle(path, [manifest, ...shown.map(({ part, text }) => ({ ...part, text }))]);
  console.out(`wrote ${path} (${bytes} bytes, readable by this account only)\n${list}${NEXT}`);
  return 0;
}

const NEXT = 'Look before you send it: docs/support.md says what each file shows.\n';
