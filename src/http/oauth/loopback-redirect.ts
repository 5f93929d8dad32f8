/** The peer's own machine, as a client may write it (RFC 8252 7.3; `localhost` is what the connector's guides use). */
const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** A loopback address without user info, fragment and query; null for any other text. */
function readLoopback(text: string): URL | null {
  // What URL would repair (blanks, backslashes, tabs) is not the text that was registered.
  if (!/^https?:\/\/[\x21-\x7e]+$/i.test(text) || /[\\#?@]/.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  return LOOPBACK_HOSTS.has(url.hostname) ? url : null;
}

/**
 * Whether a redirect URI is one of the registered ones: same scheme and host, any port (RFC 8252 7.3), and the same path
 * to the letter. What is not a loopback address never is, even if it is registered.
 */
export function isRegisteredRedirect(text: string, registered: readonly string[]): boolean {
  const asked = readLoopback(text);
  if (asked === null) return false;
  return registered.some((uri) => {
    const known = readLoopback(uri);
    return (
      known !== null &&
      known.protocol === asked.protocol &&
      known.hostname === asked.hostname &&
      pathOf(uri) === pathOf(text)
    );
  });
}

/** As it was written: URL would resolve `/a/../b`. */
function pathOf(text: string): string {
  return text.replace(/^https?:\/\/[^/]*/i, '');
}

/**
 * The source by which a CSP names where a redirect leads. An address of IPv6 cannot be written there (CSP 3, 2.3.1), so
 * its scheme stands for it.
 */
export function redirectSource(text: string): string {
  const { protocol, hostname, origin } = new URL(text);
  return hostname.startsWith('[') ? protocol : origin;
}
