import { isUnknownWord } from '../schema.ts';

/**
 * The words of Graph's enums (defender-api 4.1), other spellings by their own column. The Defender for Endpoint API writes
 * the same words with a capital, and some older ones: one feed speaks one language, whichever API an alert came from.
 */
const VOCABULARIES = {
  status: { words: ['new', 'inProgress', 'resolved'], others: {} },
  classification: { words: ['falsePositive', 'truePositive', 'informationalExpectedActivity'], others: {} },
  determination: {
    words: [
      'apt',
      'malware',
      'securityPersonnel',
      'securityTesting',
      'unwantedSoftware',
      'other',
      'multiStagedAttack',
      'compromisedAccount',
      'phishing',
      'maliciousUserActivity',
      'notMalicious',
      'notEnoughDataToValidate',
      'confirmedActivity',
      'lineOfBusinessApplication',
    ],
    // Names of the documents for what the schema calls otherwise (defender-api 4.1), and an old word for none (3).
    others: {
      compromiseduser: 'compromisedAccount',
      clean: 'notMalicious',
      insufficientdata: 'notEnoughDataToValidate',
      confirmeduseractivity: 'confirmedActivity',
      notavailable: 'unknown',
    },
  },
  verdict: { words: ['suspicious', 'malicious', 'noThreatsFound'], others: {} },
  detectionStatus: { words: ['detected', 'blocked', 'prevented'], others: {} },
  remediationStatus: {
    words: [
      'none',
      'remediated',
      'prevented',
      'blocked',
      'notFound',
      'active',
      'pendingApproval',
      'declined',
      'unremediated',
      'running',
      'partiallyRemediated',
    ],
    others: {},
  },
  detectionSource: {
    words: ['antivirus', 'automatedInvestigation', 'customDetection', 'customTi', 'manual', 'smartScreen'],
    // What each word stands for is documented (the renaming of DetectionSource of January 2021); that Graph's word of
    // the same meaning is its successor is inferred.
    others: {
      windowsdefenderatp: 'microsoftDefenderForEndpoint',
      windowsdefenderav: 'antivirus',
      windowsdefendersmartscreen: 'smartScreen',
      customerti: 'customTi',
      threatexperts: 'microsoftThreatExperts',
      mtp: 'microsoft365Defender',
      officeatp: 'microsoftDefenderForOffice365',
      azureatp: 'microsoftDefenderForIdentity',
      mcas: 'cloudAppSecurity',
    },
  },
} as const satisfies Record<string, Vocabulary>;

interface Vocabulary {
  readonly words: readonly string[];
  /** Graph's word by another spelling of it: lower case, letters and digits only. */
  readonly others: Readonly<Record<string, string>>;
}

export type VocabularyName = keyof typeof VOCABULARIES;

const TABLES: Readonly<Record<VocabularyName, ReadonlyMap<string, string>>> = {
  status: toTable(VOCABULARIES.status),
  classification: toTable(VOCABULARIES.classification),
  determination: toTable(VOCABULARIES.determination),
  verdict: toTable(VOCABULARIES.verdict),
  detectionStatus: toTable(VOCABULARIES.detectionStatus),
  remediationStatus: toTable(VOCABULARIES.remediationStatus),
  detectionSource: toTable(VOCABULARIES.detectionSource),
};

/** Graph's word for a word of any API; absent where it means "not known", as it was sent where nobody documented it. */
export function graphWord(vocabulary: VocabularyName, word: string | undefined): string | undefined {
  if (word === undefined) return undefined;
  const known = TABLES[vocabulary].get(plain(word)) ?? word;
  return isUnknownWord(known) ? undefined : known;
}

function toTable({ words, others }: Vocabulary): ReadonlyMap<string, string> {
  const own = [...words, 'unknown', 'unknownFutureValue'].map((word) => [plain(word), word] as const);
  return new Map([...own, ...Object.entries(others)]);
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
