import { isObject } from '../schema.ts';

/** Microsoft's own alerts have about ten levels. Far beyond it, writing or reading one exhausts the stack somewhere. */
const MOST_LEVELS = 200;

/** What Microsoft sent, as text again; null when it is nested too deep (the JSON parser takes any depth). */
export function rawText(json: unknown): string | null {
  return isTooDeep(json) ? null : JSON.stringify(json);
}

/** The outermost texts and numbers of what is too deep to be written. */
export function outlineText(json: unknown): string {
  const members = isObject(json) ? Object.entries(json).filter(([, value]) => typeof value !== 'object') : [];
  return JSON.stringify(Object.fromEntries(members));
}

/** Level by level, so that the depth costs no stack. */
function isTooDeep(json: unknown): boolean {
  let level: readonly unknown[] = [json];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MOST_LEVELS) return true;
    level = level.flatMap((node): readonly unknown[] =>
      typeof node === 'object' && node !== null ? Object.values(node) : [],
    );
  }
  return false;
}
