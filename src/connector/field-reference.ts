import type { Field, Target } from '../domain/field.ts';
import { ARCSIGHT_CONSTANTS, FIELDS, MAPPING_VERSION, SEVERITY_MAP } from '../domain/fields.ts';
import { PARSER_VERSION } from './parser-file.ts';

/** Text of docs/fields.md: every field of the feed and where it goes in ArcSight. */
export function renderFieldReference(): string {
  return `${INTRO}
${OWNERS.map(([of, title]) =>
  table(
    title,
    FIELDS.filter((field) => field.of === of),
  ),
).join('\n')}
## ArcSight fields

| ArcSight field | comes from | label | when |
|---|---|---|---|
${arcsightRows().join('\n')}

## Severity

| agent severity | \`deviceSeverity\` |
|---|---|
${SEVERITY_MAP.map(({ level, words }) => `| ${level} | ${words.join(', ')} |`).join('\n')}
`;
}

const INTRO = `# Fields

Written from the field catalogue (\`src/domain/fields.ts\`), mapping version ${MAPPING_VERSION}; do not edit by hand.

An event is one flat JSON object. An unknown value is an absent member: there is no null, no nested value, no float and
no boolean (1 and 0 instead). Times ending in \`Ms\`, and \`FeedTime\`, are epoch milliseconds. Strings are cut at the length
given, counted in UTF-16 units; a length of "-" is never cut. Origin *Microsoft* is a documented field name of the
Defender SIEM API, *bridge* one of FlexBridge's own. A field without an ArcSight field is kept as additional data.
A feed may choose otherwise: [arcsight-choices.md](arcsight-choices.md).
`;

const OWNERS = [
  ['event', 'The event, written by the bridge'],
  ['alert', 'The alert'],
  ['item', 'The evidence item'],
  ['user', 'The user'],
  ['device', 'The device'],
] as const satisfies readonly (readonly [Field['of'], string])[];

function table(title: string, fields: readonly Field[]): string {
  const rows = fields.map(
    ({ name, type, length, origin, description, arcsight = [] }) =>
      `| \`${name}\` | ${type} | ${length === 'id' ? '-' : length} | ${origin === 'documented' ? 'Microsoft' : 'bridge'} | ${arcsight.map((target) => `\`${target.field}\`${condition(target)}`).join('<br>')} | ${cell(description)} |`,
  );
  return `## ${title}

| field | type | length | origin | ArcSight field | what it is |
|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

function arcsightRows(): readonly string[] {
  const constants = ARCSIGHT_CONSTANTS.map(({ field, value }) => `| \`${field}\` | always "${value}" |  |  |`);
  const version = `| \`flexNumber2\` | always ${PARSER_VERSION}, the version of the parser file | Parser Version |  |`;
  const fields: readonly Field[] = FIELDS;
  const mapped = fields
    .flatMap(({ name, arcsight = [] }) => arcsight.map((target) => ({ name, target })))
    .toSorted((a, b) => (a.target.field < b.target.field ? -1 : a.target.field > b.target.field ? 1 : 0))
    .map(
      ({ name, target }) =>
        `| \`${target.field}\` | \`${name}\` | ${target.label ?? ''} | ${condition(target).trim()} |`,
    );
  return [...constants, version, ...mapped];
}

function condition({ layout, receiptTime }: Target): string {
  if (layout !== undefined) return ` (layout ${layout})`;
  return receiptTime === undefined ? '' : ` (receiptTime ${receiptTime})`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
