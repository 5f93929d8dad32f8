import type { TokenRefused } from './feed-login.ts';
import type { OAuthClient } from './oauth-client.ts';
import { inferred, type RehearsalFault, type RehearsalStep, seen, stepOf } from './rehearsal-step.ts';

/** A refresh as the connector makes one at its start. @param connector name of the login, for remedies */
export async function getToken(tokens: OAuthClient, connector: string, signal: AbortSignal): Promise<RehearsalStep> {
  const answer = await tokens.token(signal);
  if (answer.kind === 'refused') return stepOf('token', [], [refusalFault(answer, connector)]);
  const reply = tokens.lastReply();
  const { expiresInSeconds = null, tokenType = null, hasRefreshToken = false, isNewRefreshToken = false } = reply ?? {};
  const found = [
    `the token endpoint took client id, client secret and refresh token, and gave an access token${
      expiresInSeconds === null ? '' : ` for ${expiresInSeconds} seconds`
    }`,
    isNewRefreshToken
      ? 'with a new refresh token in place of the one that was used'
      : `with ${hasRefreshToken ? 'the same' : 'no other'} refresh token: the one that was used stays good`,
  ];
  const faults: RehearsalFault[] = [];
  if (tokenType?.toLowerCase() !== 'bearer')
    faults.push(
      inferred(
        'the answer does not say token_type Bearer',
        'A proxy may answer in place of the bridge: check token_url.',
      ),
    );
  if (expiresInSeconds === null)
    faults.push(
      inferred(
        'the answer does not say when the access token ends',
        'A connector may keep it until it is refused. Check token_url.',
      ),
    );
  if (isNewRefreshToken)
    faults.push(
      inferred(
        'this login rotates refresh tokens; a connector that was given the old one gets this same successor for a day only',
        `Make a token for the connector that nobody else uses: flexbridge token create --connector ${connector}`,
      ),
    );
  return stepOf('token', found, faults);
}

export function refusalFault({ isFatal, error, message }: TokenRefused, connector: string): RehearsalFault {
  if (!isFatal) {
    const remedy =
      'The connector is believed to try again with its next poll. On the bridge, flexbridge doctor says what is wrong with it.';
    return { level: 'error', message, remedy, certainty: 'inferred' };
  }
  return seen(message, fatalRemedy(error, connector));
}

function fatalRemedy(error: string | null, connector: string): string {
  const again = 'A connector that has met this stops; set it up again with the new one.';
  if (error === 'invalid_grant')
    return `The refresh token is unknown or was revoked, or belongs to another client. Make a new one: flexbridge token create --connector ${connector}. ${again}`;
  if (error === 'invalid_client')
    return `client_id or client_secret of the client file is wrong. Make a new secret: flexbridge connector rotate ${connector} --client-file FILE. ${again}`;
  return `Compare token_url of the client file with the address of the bridge, and the login with flexbridge connector list. ${again}`;
}
