import { randomUUID } from 'node:crypto';
import { jsonAnswer, type SimulatorAnswer } from '../exchange.ts';

interface LoginError {
  readonly status: number;
  readonly error: string;
  readonly code: number;
  /** `{0}` is replaced by the detail. */
  readonly text: string;
}

/** Entra's errors for the client credentials grant: its numbers, and about its words. */
const LOGIN_ERRORS = {
  wrongSecret: {
    status: 401,
    error: 'invalid_client',
    code: 7000215,
    text: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{0}'.",
  },
  expiredSecret: {
    status: 401,
    error: 'invalid_client',
    code: 7000222,
    text: "The provided client secret keys for app '{0}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.",
  },
  badCertificate: {
    status: 401,
    error: 'invalid_client',
    code: 700027,
    text: 'The certificate with identifier used to sign the client assertion is not registered on application or is not valid for it. {0}',
  },
  assertionTime: {
    status: 401,
    error: 'invalid_client',
    code: 700024,
    text: 'Client assertion is not within its valid time range. {0}',
  },
  assertionAudience: {
    status: 401,
    error: 'invalid_client',
    code: 700023,
    text: 'Client assertion audience claim does not match Realm issuer.',
  },
  assertionOfAnotherClient: {
    status: 401,
    error: 'invalid_client',
    code: 700021,
    text: "Client assertion application identifier doesn't match 'client_id' parameter '{0}'.",
  },
  malformedAssertion: {
    status: 400,
    error: 'invalid_request',
    code: 50027,
    text: 'JWT token is invalid or malformed.',
  },
  badAssertionType: {
    status: 400,
    error: 'invalid_request',
    code: 900144,
    text: "The request body must contain the following parameter: 'client_assertion_type'.",
  },
  noFederatedIdentity: {
    status: 401,
    error: 'invalid_client',
    code: 70021,
    text: 'No matching federated identity record found for presented assertion. {0}',
  },
  missingSecret: {
    status: 401,
    error: 'invalid_client',
    code: 7000216,
    text: "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
  },
  unknownTenant: {
    status: 400,
    error: 'invalid_request',
    code: 90002,
    text: "Tenant '{0}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
  },
  // Not in Microsoft's documents but for its number; the words are those that people report.
  crossCloud: {
    status: 400,
    error: 'invalid_request',
    code: 900382,
    text: 'Confidential Client is not supported in Cross Cloud request.',
  },
  unknownClient: {
    status: 400,
    error: 'unauthorized_client',
    code: 700016,
    text: "Application with identifier '{0}' was not found in the directory. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
  },
  badScope: {
    status: 400,
    error: 'invalid_scope',
    code: 70011,
    text: "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {0} is not valid.",
  },
  unknownResource: {
    status: 400,
    error: 'invalid_resource',
    code: 500011,
    text: 'The resource principal named {0} was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.',
  },
  unsupportedGrant: {
    status: 400,
    error: 'unsupported_grant_type',
    code: 70003,
    text: "The app requested an unsupported grant type '{0}'.",
  },
  missingParameter: {
    status: 400,
    error: 'invalid_request',
    code: 900144,
    text: "The request body must contain the following parameter: '{0}'.",
  },
  postOnly: {
    status: 400,
    error: 'invalid_request',
    code: 900561,
    text: 'The endpoint only accepts POST requests. Received a {0} request.',
  },
  throttled: {
    status: 429,
    error: 'temporarily_unavailable',
    code: 90055,
    text: 'The tenant is throttled: there are too many requests. Please try again later.',
  },
  unavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    code: 90033,
    text: 'A transient error has occurred. Please try again.',
  },
} as const satisfies Record<string, LoginError>;

export type LoginErrorName = keyof typeof LOGIN_ERRORS;

/** @param nowMs epoch ms */
export function loginError(name: LoginErrorName, nowMs: number, detail = ''): SimulatorAnswer {
  return jsonAnswer(LOGIN_ERRORS[name].status, loginErrorBody(name, nowMs, detail));
}

function loginErrorBody(name: LoginErrorName, nowMs: number, detail = ''): object {
  const { error, code, text } = LOGIN_ERRORS[name];
  const traceId = randomUUID();
  const correlationId = randomUUID();
  const timestamp = `${new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const sentence = text.replace('{0}', () => detail);
  return {
    error,
    error_description: `AADSTS${code}: ${sentence} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
  };
}
