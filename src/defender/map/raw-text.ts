import { isObject } from '../schema.ts';

/** What Microsoft sent, as text again; null when it is nested so deep that writing it exhausts the stack (the parser takes any depth). */
export function rawText(json: unknown): string | null {
  try {
    return JSON.stringify(json);
  } catch {
    return null;
  }
}

/** The outermost texts and numbers of what is too deep to be written. */
export function outlineText(json: unknown): string {
  const members = isObject(json) ? Object.entries(json).filter(([, value]) => typeof value !== 'object') : [];
  return JSON.stringify(Object.fromEntries(members));
}
