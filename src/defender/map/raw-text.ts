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

/** Never goes beyond the limit itself, so that no depth costs the stack. Every record of every look back comes by here. */
function isTooDeep(json: unknown, depth = 0): boolean {
  if (depth > MOST_LEVELS) return true;
  if (typeof json !== 'object' || json === null) return false;
  return Object.values(json).some((value) => isTooDeep(value, depth + 1));
}
