import { toBridgeError } from '../domain/errors.ts';
import { PLACEHOLDERS } from './client-file.ts';
import { isProtectedUrl } from './feed-request.ts';
import { type PropertiesFile, readProperties } from './interpreter/properties-reader.ts';
import type { PackProblem } from './pack-problem.ts';

/** The OAuth2 client properties file as the connector reads it. */
export interface ClientFile {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokenUrl: string;
  readonly scope: string;
}

interface Judged {
  /** Null where something that a refresh needs is missing. */
  readonly client: ClientFile | null;
  readonly problems: readonly PackProblem[];
}

const NEEDED = ['client_id', 'client_secret', 'auth_url', 'token_url', 'redirect_uri'];

/** Judges the client file beside the Events URL. No message repeats a value of the file. */
export function judgeClientFile(bytes: Buffer, path: string, eventsUrl: string): Judged {
  let file: PropertiesFile;
  try {
    file = readProperties(bytes);
  } catch (thrown) {
    const { code, message, hint } = toBridgeError(thrown);
    return { client: null, problems: [{ level: 'error', code, file: path, message, remedy: hint }] };
  }
  const value = (key: string): string => file.values.get(key)?.trim() ?? '';
  const missing = NEEDED.filter((key) => value(key) === '');
  const unfilled = [value('client_id'), value('client_secret')].some(isPlaceholder);
  const problem = (code: string, message: string, remedy: string): PackProblem => {
    return { level: 'error', code, file: path, message, remedy };
  };
  const problems = [
    ...file.lint
      .filter(({ code }) => code === 'DUPLICATE_KEY')
      .map(({ code, message, key }) => problem(code, `${key ?? ''} is ${message}`, 'Keep one of the lines.')),
    ...missing.map((key) =>
      problem('CLIENT_KEY_MISSING', `${key} is missing or empty`, 'Take the client file of the pack again.'),
    ),
    ...(unfilled
      ? [problem('PLACEHOLDER', 'a placeholder still stands where client_id or client_secret belongs', FILL)]
      : []),
    ...['auth_url', 'token_url'].flatMap((key) => addressProblems(key, value(key), eventsUrl, problem)),
    ...redirectProblems(value('redirect_uri'), problem),
    ...(value('reauthenticate') === 'true' ? [asksBrowser(path)] : []),
  ];
  const isUsable = missing.every((key) => key === 'auth_url' || key === 'redirect_uri') && !unfilled;
  if (!isUsable) return { client: null, problems };
  return {
    client: {
      clientId: value('client_id'),
      clientSecret: value('client_secret'),
      tokenUrl: value('token_url'),
      scope: value('scope'),
    },
    problems,
  };
}

const FILL =
  'Put the client secret there, or let flexbridge connector create NAME --client-file FILE (or rotate) write the file with it.';

function isPlaceholder(value: string): boolean {
  return value === PLACEHOLDERS.clientId || value === PLACEHOLDERS.clientSecret;
}

type Problem = (code: string, message: string, remedy: string) => PackProblem;

function addressProblems(key: string, text: string, eventsUrl: string, problem: Problem): readonly PackProblem[] {
  const remedy =
    'Set server.publicUrl of the bridge to the https address that the connector uses, and make the pack anew.';
  if (text === '') return [];
  if (!URL.canParse(text)) return [problem('URL_INVALID', `${key} is no URL`, remedy)];
  const plain = isProtectedUrl(text)
    ? []
    : [problem('URL_PLAIN', `${key} is not https: secrets would be readable on their way`, remedy)];
  if (!URL.canParse(eventsUrl) || new URL(text).host === new URL(eventsUrl).host) return plain;
  return [...plain, problem('URL_OTHER_HOST', `${key} names another host or port than the Events URL`, remedy)];
}

function redirectProblems(text: string, problem: Problem): readonly PackProblem[] {
  if (text === '') return [];
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname))
    return [];
  const message = 'redirect_uri is no http or https address on localhost, where the connector itself listens';
  return [problem('REDIRECT_NOT_LOCAL', message, 'Take redirect_uri as flexbridge generate writes it.')];
}

function asksBrowser(file: string): PackProblem {
  const message = 'reauthenticate is true: the connector asks for a sign-in in a browser at its next start';
  return { level: 'warning', code: 'REAUTHENTICATE', file, message, remedy: 'Set it to false once it has signed in.' };
}
