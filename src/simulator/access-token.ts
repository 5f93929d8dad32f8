import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a token says. Times are epoch seconds, as in every JWT. */
export interface TokenClaims {
  readonly aud: string;
  readonly iss: string;
  readonly tid: string;
  readonly appid: string;
  readonly roles: readonly string[];
  readonly iat: number;
  readonly exp: number;
}

export interface AccessTokens {
  issue(claims: TokenClaims): string;
  /** The claims of a token this simulator signed, whatever their times say; null for anything else. */
  read(token: string): TokenClaims | null;
}

/** Tokens shaped like Entra's, signed with a key that lives as long as the simulator. */
export function createAccessTokens(): AccessTokens {
  const key = randomBytes(32);
  const signatureOf = (text: string) => createHmac('sha256', key).update(text).digest();
  return {
    issue: (claims) => {
      const header = encode({ typ: 'JWT', alg: 'HS256', kid: 'flexbridge-simulator' });
      const payload = encode({
        aud: claims.aud,
        iss: claims.iss,
        iat: claims.iat,
        nbf: claims.iat,
        exp: claims.exp,
        app_displayname: 'FlexBridge',
        appid: claims.appid,
        appidacr: '1',
        idtyp: 'app',
        roles: claims.roles,
        tid: claims.tid,
        uti: randomBytes(16).toString('base64url'),
        ver: '1.0',
      });
      return `${header}.${payload}.${signatureOf(`${header}.${payload}`).toString('base64url')}`;
    },
    read: (token) => {
      const [header = '', payload = '', signature = '', ...rest] = token.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = signatureOf(`${header}.${payload}`);
      if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
      // Signed by us, so it is what `issue` wrote.
      return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as TokenClaims;
    },
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
