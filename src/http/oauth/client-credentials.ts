import type { FastifyRequest } from 'fastify';
import { readBasic } from '../login-attempt.ts';

/** What a client of the token endpoint shows of itself. */
export type ClientCredentials =
  | {
      readonly kind: 'shown';
      readonly clientId: string;
      readonly secret: string;
      /** What the secret of the header means if the client has encoded it; absent where that is the same. */
      readonly decoded?: string;
      readonly by: 'header' | 'body';
    }
  /** No secret at all, or in part. */
  | { readonly kind: 'missing'; readonly clientId: string }
  /** Header and body name different clients or secrets. */
  | { readonly kind: 'contradictory'; readonly clientId: string };

/**
 * From the header (HTTP Basic) or from the form; which one the connector uses is not known (flexconnector 3). RFC 6749 2.3
 * allows only one of them; both are taken where they say the same, because some libraries for clients send both. It also
 * has the client form-encode what goes into the header (2.3.1), which many do not: an id means the same either way, for it
 * has no % and no +, and a secret is looked at in both readings.
 */
export function readClientCredentials(
  { headers: { authorization } }: FastifyRequest,
  form: ReadonlyMap<string, string>,
): ClientCredentials {
  const clientId = form.get('client_id');
  const secret = form.get('client_secret');
  const header = authorization === undefined ? null : readBasic(authorization);
  // A header of another scheme is no attempt to say who the client is.
  if (header?.by !== 'basic') {
    if (clientId === undefined || secret === undefined) return { kind: 'missing', clientId: clientId ?? '' };
    return { kind: 'shown', clientId, secret, by: 'body' };
  }
  const name = formDecoded(header.name);
  const { password } = header;
  const decoded = formDecoded(password);
  if ((clientId ?? name) !== name || ![password, decoded].includes(secret ?? password)) {
    return { kind: 'contradictory', clientId: name };
  }
  return {
    kind: 'shown',
    clientId: name,
    secret: password,
    ...(decoded !== password && { decoded }),
    by: 'header',
  };
}

/** As it is where it was not encoded. */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
