const TEXT = { type: 'string' };
const TOKEN = { type: 'string', minLength: 1 };

/** Members that are not named are not looked at. */
function form(properties: object, required: readonly string[]) {
  return { type: 'object', properties, required };
}

/** Forms and answers of sign-in, consent and tokens (RFC 6749). */
export const OAUTH_SCHEMAS = {
  Page: { type: 'string', pattern: '^<!doctype html>', description: 'A page for people.' },
  LiveStatus: { type: 'string', pattern: '^<div id="live"', description: 'Parts of a page.' },
  Stylesheet: { type: 'string', minLength: 1 },
  Script: { type: 'string', minLength: 1 },
  SignInForm: form({ csrf: TEXT, name: TEXT, password: TEXT, return: TEXT }, ['csrf', 'name', 'password']),
  SignOutForm: form({ csrf: TEXT }, ['csrf']),
  ConsentForm: form(
    {
      csrf: TEXT,
      decision: { enum: ['allow', 'deny'] },
      response_type: { const: 'code' },
      client_id: TEXT,
      redirect_uri: TEXT,
      state: TEXT,
      code_challenge: TEXT,
      code_challenge_method: { const: 'S256' },
    },
    ['csrf', 'decision', 'response_type', 'client_id', 'redirect_uri'],
  ),
  TokenForm: form(
    {
      grant_type: { enum: ['authorization_code', 'refresh_token'] },
      code: TEXT,
      redirect_uri: TEXT,
      code_verifier: TEXT,
      refresh_token: TEXT,
      client_id: { ...TEXT, description: 'Here, or as the name of HTTP Basic.' },
      client_secret: { ...TEXT, description: 'Here, or as the password of HTTP Basic.' },
    },
    ['grant_type'],
  ),
  Tokens: {
    type: 'object',
    properties: {
      access_token: TOKEN,
      token_type: { const: 'Bearer' },
      expires_in: { type: 'integer', minimum: 1, description: 'Seconds.' },
      refresh_token: { ...TOKEN, description: 'To be presented next time; the same as before unless tokens rotate.' },
    },
    required: ['access_token', 'token_type', 'expires_in', 'refresh_token'],
    additionalProperties: false,
  },
  OAuthError: {
    type: 'object',
    properties: {
      error: {
        enum: [
          'invalid_request',
          'invalid_client',
          'invalid_grant',
          'unauthorized_client',
          'unsupported_grant_type',
          'server_error',
        ],
      },
      error_description: { type: 'string', pattern: '^[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]+$' },
    },
    required: ['error', 'error_description'],
    additionalProperties: false,
  },
};
