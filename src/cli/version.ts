import { readFileSync } from 'node:fs';

/** Version of the program, from its package.json (two folders above `src/cli` and `dist/cli` alike). */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const text = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : null;
  return typeof text === 'string' ? text : 'unknown';
}
