import { type WizardSettings, wizardAnswers } from '../connector/guide/wizard-answers.ts';
import { URL_KEY_PLACEHOLDER } from '../connector/public-url.ts';
import type { ConnectorAuth } from '../domain/connector-auth.ts';
import { moment } from '../domain/time-words.ts';
import { columns } from './columns.ts';
import type { SeenCertificate } from './connector-certificate.ts';
import { proofWord } from './connector-proof.ts';
import type { MintedToken } from './token-mint.ts';

/** A login that was just made or rotated, with what is shown of it this once. */
export interface IssuedLogin {
  readonly name: string;
  readonly auth: ConnectorAuth;
  /** Feeds that it may read, at least one. */
  readonly feeds: readonly string[];
  /** For the first of its feeds. */
  readonly wizard: WizardSettings;
  /** Null for a certificate: the connector has its key already. */
  readonly secret: string | null;
  readonly certificate: SeenCertificate | null;
  readonly refreshToken: MintedToken | null;
  /** Where the client properties file was written; null: nowhere. */
  readonly clientFile: string | null;
  readonly notes: readonly string[];
}

interface Answer {
  readonly field: string;
  readonly answer: string;
}

/** For scripts. Besides the text for people, the only place in which the secrets stand. */
export function issuedJson(login: IssuedLogin): string {
  const { name, auth, feeds, secret, certificate, refreshToken, clientFile, notes } = login;
  const client = auth.kind === 'oauth2' ? { clientId: auth.clientId, redirectUris: auth.redirectUris } : {};
  const shown = { secret, certificate, refreshToken, clientFile, wizard: wizardOf(login), notes };
  return `${JSON.stringify({ connector: name, kind: auth.kind, feeds, ...client, ...shown }, null, 2)}\n`;
}

export function issuedText(login: IssuedLogin): string {
  const { auth, feeds, certificate, clientFile, notes } = login;
  const [feed = '', ...others] = feeds;
  const shown = shownOnce(login);
  return [
    ...(shown.length === 0 ? [] : ['\nShown this once; the bridge keeps hashes only:\n', indented(shown)]),
    ...(certificate === null ? [] : ['\nIts certificate:\n', indented(certificateRows(certificate))]),
    ...(auth.kind === 'oauth2' ? [`\n${clientFileText(clientFile, feed)}\n`] : []),
    '\nIn the wizard of the ArcSight FlexConnector REST:\n',
    indented(wizardOf(login).map(({ field, answer }) => [field, answer])),
    ...(others.length === 0
      ? []
      : [`\nOne FlexConnector reads one feed. For another (${others.join(', ')}): its name in place of ${feed}.\n`]),
    ...notes.map((note) => `\nNote: ${note}\n`),
  ].join('');
}

function shownOnce({ auth, secret, refreshToken }: IssuedLogin): readonly (readonly string[])[] {
  return [
    ...(auth.kind === 'oauth2' ? [['client id', auth.clientId]] : []),
    ...(secret === null ? [] : [[proofWord(auth.kind), secret]]),
    ...(refreshToken === null ? [] : [['refresh token', `${refreshToken.token}  (id ${refreshToken.id})`]]),
  ];
}

function clientFileText(clientFile: string | null, feed: string): string {
  if (clientFile === null) return `Put client id and client secret into ${feed}.properties of the pack.`;
  return `Wrote ${clientFile} (mode 0600), the client secret in it: it is ${feed}.properties of the pack, filled in.`;
}

function certificateRows({ subject, validFromMs, validToMs, fingerprint }: SeenCertificate) {
  return [
    ['subject', subject],
    ['valid', `${moment(validFromMs)} to ${moment(validToMs)}`],
    ['SHA-256', fingerprint],
  ];
}

/** The answers of INSTALL.md, with the secrets in their places. */
function wizardOf({ auth, wizard, secret, refreshToken }: IssuedLogin): readonly Answer[] {
  return wizardAnswers(wizard).map(({ field, answer }) => {
    switch (field) {
      case 'Events URL':
        return { field, answer: answer.replace(URL_KEY_PLACEHOLDER, () => secret ?? '') };
      case 'Password':
        return { field, answer: secret ?? answer };
      case 'Refresh Token':
        return { field, answer: auth.kind === 'oauth2' ? (refreshToken?.token ?? UNCHANGED) : answer };
      default:
        return { field, answer };
    }
  });
}

const UNCHANGED = '(stays valid; only the client secret is new)';

function indented(rows: readonly (readonly string[])[]): string {
  return columns(rows).replaceAll(/^(?=.)/gm, '  ');
}
