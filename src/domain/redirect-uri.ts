/** The machine itself (RFC 8252 7.3, 8.3). */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** What is wrong with a redirect URI that a client is registered with, as the end of a sentence; null: nothing. */
export function redirectUriFault(text: string): string | null {
  // A backslash is read as / by some and as a letter by others: they would not agree on the host.
  if (!/^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i.test(text) || !URL.canParse(text)) return 'is no http or https URL';
  const { hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return 'holds a user name or a password';
  if (text.includes('#')) return 'has a fragment (#), which OAuth2 does not allow';
  // Requests with one are refused, and so is the @ that other readers take for the end of a user name.
  if (/[?@]/.test(text)) return 'has a query (?) or an @, which the sign-in does not take';
  if (!LOOPBACK.test(hostname))
    return `leads to ${hostname}, and codes are sent to the machine of the browser only (localhost, 127.0.0.1 or [::1])`;
  return null;
}
