import type { PackLogin } from '../pack-settings.ts';
import { eventsUrl, URL_KEY_PLACEHOLDER } from '../public-url.ts';

/** One field of the connector's set-up wizard. */
export interface WizardAnswer {
  readonly field: string;
  /** In parentheses: said in words, not to be typed. */
  readonly answer: string;
  /** `documented`: shown in a public guide of this connector. `unsourced`: believed to exist (flexconnector.md 1.2). */
  readonly certainty: 'documented' | 'unsourced';
  readonly note: string;
}

export interface WizardSettings {
  readonly feed: string;
  readonly publicUrl: string;
  readonly login: PackLogin;
}

/** What to type into the wizard of the ArcSight FlexConnector REST, field by field. */
export function wizardAnswers(settings: WizardSettings): readonly WizardAnswer[] {
  const { feed, publicUrl, login } = settings;
  return [
    documented('Type', 'ArcSight FlexConnector REST', 'Choose it in the list of connector types.'),
    documented(
      'Configuration File',
      feed,
      'The parser file name without `.jsonparser.properties`, and without a folder.',
    ),
    documented(
      'Events URL',
      eventsUrl(publicUrl, feed, login.kind),
      `Copy it whole. \`$START_AT_TIME\` stays as it is: the connector puts a time there.${keyNote(login)}`,
    ),
    ...loginAnswers(settings),
    documented('Every other field of this form', EMPTY, 'A proxy only if the bridge cannot be reached without one.'),
  ];
}

const EMPTY = '(leave empty)';

function loginAnswers({ feed, login }: WizardSettings): readonly WizardAnswer[] {
  switch (login.kind) {
    case 'oauth2':
      return [
        documented('Authentication Type', 'OAuth2', 'May be written `OAuth 2`.'),
        documented(
          'OAuth2 Client Properties File',
          `$ARCSIGHT_HOME/user/agent/flexagent/${feed}.properties`,
          'Browse to it, with the client secret filled in (step 2).',
        ),
        documented('Refresh Token', '(the token of step 2)', 'Left empty, a browser opens for a sign-in.'),
      ];
    case 'basic':
      return [
        unsourced('Authentication Type', 'Basic', 'Public guides show only OAuth2.'),
        unsourced('User name', login.connector, 'The field may be called User.'),
        unsourced('Password', '(the password of step 2)', 'Not the password of an operator.'),
        ...WITHOUT_OAUTH2,
      ];
    case 'mtls':
    case 'urlKey':
      return [
        unsourced('Authentication Type', '(one that asks for no login)', 'Whether there is one is not known.'),
        ...WITHOUT_OAUTH2,
      ];
  }
}

function keyNote({ kind }: PackLogin): string {
  return kind === 'urlKey' ? ` Put the key of step 2 in the place of \`${URL_KEY_PLACEHOLDER}\`.` : '';
}

function documented(field: string, answer: string, note: string): WizardAnswer {
  return { field, answer, certainty: 'documented', note };
}

function unsourced(field: string, answer: string, note: string): WizardAnswer {
  return { field, answer, certainty: 'unsourced', note };
}

const WITHOUT_OAUTH2 = [documented('OAuth2 Client Properties File', EMPTY, ''), documented('Refresh Token', EMPTY, '')];
