import type { Secret } from '../../config/secret.ts';
import type { SetupEnvironment } from '../../config/setup-environment.ts';

/** Every question; the name is that of its flag as commander spells it. */
export type QuestionKey =
  | 'cloud'
  | 'api'
  | 'region'
  | 'loginUrl'
  | 'graphUrl'
  | 'defenderUrl'
  | 'siemUrl'
  | 'caFile'
  | 'proxy'
  | 'tenantId'
  | 'tenantName'
  | 'credential'
  | 'clientId'
  | 'clientSecretFile'
  | 'secretExpires'
  | 'clientCertificate'
  | 'clientKey'
  | 'passphraseFile'
  | 'tokenFile'
  | 'identityEndpoint'
  | 'detections'
  | 'layout'
  | 'minSeverity'
  | 'connector'
  | 'login'
  | 'connectorCertificate'
  | 'host'
  | 'port'
  | 'publicUrl'
  | 'certificate'
  | 'serverCertificate'
  | 'serverKey'
  | 'pack'
  | 'service';

/** What was said so far, as text. Empty: left out on purpose. */
export type Answers = Readonly<Partial<Record<QuestionKey, string>>>;

/** Answers, and the client secret where it was typed or piped in instead of standing in a file already. */
export interface Draft {
  readonly answers: Answers;
  readonly secret: Secret | null;
}

/** Where the questions are asked. */
export interface Place {
  readonly env: SetupEnvironment;
  /** Name of this machine. */
  readonly hostname: string;
  /** Folder of the configuration file; paths count from it. */
  readonly folder: string;
  /** Names of the tenants of the file that is extended; null: a new file is made. */
  readonly tenants: readonly string[] | null;
}

export type Section = 'tenant' | 'credential' | 'feed' | 'connector' | 'bridge';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface Question {
  readonly key: QuestionKey;
  readonly section: Section;
  /** As commander takes it, for example `--tenant-id <id>`. */
  readonly flag: string;
  /** For --help and the summary. */
  readonly title: string;
  /** What is shown when it is asked. */
  readonly ask: string;
  readonly choices?: readonly Choice[];
  /** Whether it means anything beside these answers. */
  readonly applies: (answers: Answers) => boolean;
  /** Whether somebody is asked; otherwise the initial answer is taken without a word. */
  readonly isAsked: (answers: Answers, place: Place) => boolean;
  /** Whether it may be left empty. */
  readonly isOptional: (answers: Answers, place: Place) => boolean;
  /** What is proposed; null: nothing. */
  readonly initial: (answers: Answers, place: Place) => string | null;
  /** What is wrong with it and what it must be; null when nothing is. */
  readonly problem: (value: string, answers: Answers, place: Place) => string | null;
}

export type QuestionFacts = Pick<Question, 'key' | 'flag' | 'title'> & Partial<Question>;

/** A question with what most have in common: it always applies, is asked, must be answered and may be anything. */
export function question(section: Section, facts: QuestionFacts): Question {
  return {
    section,
    ask: facts.title,
    applies: () => true,
    isAsked: () => true,
    isOptional: () => false,
    initial: () => null,
    problem: () => null,
    ...facts,
  };
}

/** `--tenant-id` of `--tenant-id <id>`. */
export function flagName({ flag }: Pick<Question, 'flag'>): string {
  return flag.split(' ')[0] ?? flag;
}
