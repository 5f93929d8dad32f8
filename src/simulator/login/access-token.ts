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
  /** From now on the token reads as one whose time is over. */
  end(token: string): void;
}

/** Tokens shaped like Entra's, signed with a key that lives as long as the simulator. */
export function createAccessTokens(): AccessTokens {
  const key = randomBytes(32);
  const ended = new Set<string>();
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
        // An app without any permission gets a token without the claim.
        ...(claims.roles.length === 0 ? {} : { roles: claims.roles }),
        tid: claims.tid,
        uti: randomBytes(16).toString('base64url'),
        ver: '1.0',
      });
      return `${header}.${payload}.${signatureOf(`${header}.${payload}`).toString('base64url')}`;
    },
    end: (token) => {
      ended.add(token);
    },
    read: (token) => {
      const [header = '', payload = '', signature = '', ...rest] = token.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = signatureOf(`${header}.${payload}`);
      if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
      // Signed by us, so it is what `issue` wrote.
      const written = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Omit<TokenClaims, 'roles'> & {
        readonly roles?: readonly string[];
      };
      return { ...written, roles: written.roles ?? [], ...(ended.has(token) ? { exp: 0 } : {}) };
    },
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
