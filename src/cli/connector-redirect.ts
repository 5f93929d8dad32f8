import { BridgeError } from '../domain/errors.ts';
import { redirectUriFault } from '../domain/redirect-uri.ts';

/**
 * The address on which a connector waits for its code.
 * @throws BridgeError REDIRECT_URI_INVALID
 */
export function checkRedirectUri(text: string): string {
  const fault = redirectUriFault(text);
  if (fault === null) return text;
  throw new BridgeError({
    code: 'REDIRECT_URI_INVALID',
    kind: 'operator',
    message: `the redirect URI ${JSON.stringify(text.slice(0, 200))} ${fault}`,
    hint: 'Write it as it stands in the client properties file, for example http://localhost:44300/flexbridge.',
  });
}
