/** A text without secrets, and how often something was taken out. */
export interface Hidden {
  readonly text: string;
  readonly count: number;
}

const MARK = '[secret]';
/** A shorter one would tear the text to pieces, and is no secret anyway. */
const SHORTEST = 4;
/** Enough of base64 or hexadecimal to be no chance. */
const SHORTEST_ENCODED = 10;

/** What a secret looks like wherever it comes from: headers, tokens, keys, logins in URLs. */
const PATTERNS: readonly (readonly [pattern: RegExp, by: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, MARK],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g, MARK],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${MARK}`],
  [
    /((?<![\w-])(?:key|code|token|secret|password|passphrase|client_secret|client_assertion|refresh_token|access_token)=)[^&\s"'\\]+/gi,
    `$1${MARK}`,
  ],
  [
    /("(?:password|passphrase|secret|authorization|cookie|set-cookie|client_secret|client_assertion|access_token|refresh_token)"\s*:\s*")(?:[^"\\]|\\.)*/gi,
    `$1${MARK}`,
  ],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, `$1${MARK}@`],
];

/** Takes out the given secrets in every form that they may have been written in, and whatever looks like one. */
export function createSecretHider(secrets: readonly string[]): (text: string) => Hidden {
  const forms = [...new Set(secrets.filter(({ length }) => length >= SHORTEST).flatMap(formsOf))];
  // Longer ones first: a form may be a part of another.
  const known = forms.toSorted((a, b) => b.length - a.length);
  return (text) => {
    let count = 0;
    let shown = text;
    for (const form of known) {
      const pieces = shown.split(form);
      count += pieces.length - 1;
      if (pieces.length > 1) shown = pieces.join(MARK);
    }
    for (const [pattern, by] of PATTERNS) {
      count += [...shown.matchAll(pattern)].filter(([found]) => !found.includes(MARK)).length;
      shown = shown.replace(pattern, by);
    }
    return { text: shown, count };
  };
}

/** As it is, as a URL, a form or JSON carries it, in hexadecimal, and in base64 at any place of a longer text. */
function formsOf(secret: string): readonly string[] {
  const encoded = [
    Buffer.from(secret).toString('hex'),
    ...[0, 1, 2].flatMap((shift) => [inBase64(secret, shift, 'base64'), inBase64(secret, shift, 'base64url')]),
  ];
  return [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ '': secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    ...encoded.filter(({ length }) => length >= SHORTEST_ENCODED),
  ];
}

/** How base64 shows the text behind `shift` other bytes: without the digits that its neighbours have a share in. */
function inBase64(text: string, shift: number, encoding: 'base64' | 'base64url'): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]);
  const whole = bytes.subarray(0, Math.floor(bytes.length / 3) * 3).toString(encoding);
  return whole.slice(Math.ceil((shift * 4) / 3));
}
