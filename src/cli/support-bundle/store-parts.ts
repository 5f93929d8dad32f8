import { existsSync } from 'node:fs';
import type { Config } from '../../config/config.ts';
import { storeFacts } from '../../store/sqlite-facts.ts';
import { noStore, withStore } from '../open-store.ts';
import { type BundlePart, json } from './bundle-part.ts';

const DAYS = 7;
const DAY_MS = 86_400_000;
/** Of the newest; more than that in a week says enough. */
const MOST_ENTRIES = 5000;

/** Schema, sizes, counts and retention. */
export function storePart({ store: { path, retention } }: Config): BundlePart {
  if (!existsSync(path)) throw noStore(path);
  const text = json({ path, retention, ...storeFacts(path) });
  return { path: 'store.json', about: 'schema, sizes and row counts of the database, retention', text };
}

/** The audit trail of the last days. */
export async function auditPart(config: Config, nowMs: number): Promise<BundlePart> {
  const entries = await withStore(config, 'read', (store) => store.audit(MOST_ENTRIES));
  const lately = entries.filter(({ atMs }) => nowMs - atMs < DAYS * DAY_MS);
  const lines = lately.map(({ atMs, ...entry }) => JSON.stringify({ at: new Date(atMs).toISOString(), ...entry }));
  const text = lines.map((line) => `${line}\n`).join('');
  return { path: 'audit.jsonl', about: `who did what in the last ${DAYS} days`, text };
}
