/** Only ever compared: nothing is sent there. */
const HERE = 'https://bridge.invalid';

/**
 * A path with its query on this server, or null for a text that could lead a browser anywhere else: another scheme or
 * host, `//host`, `/\host`, or a path that becomes one of these once its dots are resolved.
 */
export function returnTarget(text: string | undefined): string | null {
  if (text === undefined || !/^\/[\x21-\x7e]*$/.test(text) || text.includes('\\') || !URL.canParse(text, HERE)) {
    return null;
  }
  const { origin, pathname, search } = new URL(text, HERE);
  return origin === HERE && !pathname.startsWith('//') && !text.startsWith('//') ? pathname + search : null;
}
