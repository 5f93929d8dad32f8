import {
  type ArcSightChoices,
  type ChosenMapping,
  NEEDED_MEMBERS,
  RESERVED_FIELDS,
  targetKind,
} from '../domain/arcsight-choices.ts';
import { ARCSIGHT_FIELDS, type ArcSightField, type ArcSightType } from '../domain/arcsight-fields.ts';
import type { Field } from '../domain/field.ts';
import { FIELDS } from '../domain/fields.ts';
import type { ArcSightSettings, MappingChoice } from './arcsight-schema.ts';
import { constantProblem, textProblem } from './arcsight-text.ts';
import type { ConfigPath } from './config-path.ts';
import { nearest } from './nearest.ts';
import type { Report } from './report.ts';

const ROWS: readonly Field[] = FIELDS;
const MEMBERS = ROWS.map(({ name }) => name);

/** Checks what was chosen for ArcSight. A mapping that is wrong is reported and left out of the answer. */
export function resolveArcSight(report: Report, at: ConfigPath, settings: ArcSightSettings): ArcSightChoices {
  const { deviceVendor, deviceProduct, severity, mappings, leaveOut } = settings;
  const leftOut = resolveLeftOut(report, [...at, 'leaveOut'], leaveOut);
  reportTwice(report, [...at, 'mappings'], mappings);
  const chosen = mappings.map((mapping, index) =>
    resolveMapping({ report, at: [...at, 'mappings', index], leftOut }, mapping),
  );
  return { deviceVendor, deviceProduct, severity, mappings: chosen.filter((mapping) => mapping !== null), leftOut };
}

function resolveLeftOut(report: Report, at: ConfigPath, names: readonly string[]): readonly string[] {
  for (const [index, name] of names.entries()) {
    if (!MEMBERS.includes(name)) reportMember(report, [...at, index], name);
    else if (NEEDED_MEMBERS.has(name))
      report.problem(
        [...at, index],
        `${name} cannot be left out: the bridge, or every ArcSight event, needs it`,
        'Take it from the list. An ArcSight field is left empty with a mapping: { field: ..., empty: true }.',
      );
  }
  return [...new Set(names)];
}

function reportTwice(report: Report, at: ConfigPath, mappings: readonly MappingChoice[]): void {
  for (const [index, { field }] of mappings.entries()) {
    const first = mappings.findIndex((mapping) => mapping.field === field);
    if (first === index) continue;
    report.problem(
      [...at, index, 'field'],
      `${JSON.stringify(field)} is also the field of mappings[${first}]`,
      'Fill each ArcSight field once.',
    );
  }
}

interface Place {
  readonly report: Report;
  readonly at: ConfigPath;
  readonly leftOut: readonly string[];
}

function resolveMapping(place: Place, mapping: MappingChoice): ChosenMapping | null {
  const field = fieldOf(place, mapping.field);
  if (field === null) return null;
  checkLabel(place, mapping, field);
  const from = resolveFrom(place, mapping, field);
  return from === null ? null : { field: field.name, from, label: mapping.label ?? null };
}

function fieldOf({ report, at }: Place, name: string): ArcSightField | null {
  const path = [...at, 'field'];
  const reserved = RESERVED_FIELDS.get(name);
  if (reserved !== undefined) {
    report.problem(path, `${name} ${reserved}`, 'Choose another field.');
    return null;
  }
  const known = ARCSIGHT_FIELDS.get(name);
  if (known !== undefined) return known;
  const ofLabel = ARCSIGHT_FIELDS.get(name.replace(/Label$/, ''));
  if (ofLabel !== undefined) {
    report.problem(path, `${name} is a label`, `Write it as the label of the field ${ofLabel.name}.`);
    return null;
  }
  const meant = nearest(name.replace(/^event\./, ''), [...ARCSIGHT_FIELDS.keys()]);
  const remedy = meant === null ? 'The fields are listed in docs/arcsight-choices.md.' : `Did you mean ${meant}?`;
  report.problem(path, `there is no ArcSight field ${JSON.stringify(name)} that a parser can fill`, remedy);
  return null;
}

function checkLabel({ report, at }: Place, { label, empty }: MappingChoice, field: ArcSightField): void {
  const path = [...at, 'label'];
  const { name, labelLength } = field;
  if (label === undefined) {
    if (labelLength === null || empty === true) return;
    report.problem(path, `is missing: ${name} is a custom field`, 'Add a label that says what it holds.');
  } else if (empty === true || labelLength === null) {
    const why = labelLength === null ? `${name} is no custom field` : 'the field stays empty';
    report.problem(path, `is of no use: ${why}`, 'Remove it.');
  } else {
    const problem = textProblem(label, labelLength);
    if (problem !== null) report.problem(path, problem.message, problem.remedy);
  }
}

/** Null where it is not one of the three, or does not fit the field. */
function resolveFrom(place: Place, mapping: MappingChoice, field: ArcSightField): ChosenMapping['from'] | null {
  const { report, at } = place;
  const { from, constant, empty } = mapping;
  const given = [from, constant, empty].filter((value) => value !== undefined);
  if (given.length !== 1) {
    const what = given.length === 0 ? 'says nothing about what fills it' : 'says more than one thing that fills it';
    report.problem(at, `the mapping of ${field.name} ${what}`, 'Give it one of from, constant and empty.');
    return null;
  }
  if (from !== undefined) return memberOf(place, from, field);
  if (constant === undefined) return { kind: 'nothing' };
  const problem = constantProblem(constant, field);
  if (problem === null) return { kind: 'constant', text: String(constant) };
  report.problem([...at, 'constant'], problem.message, problem.remedy);
  return null;
}

function memberOf({ report, at, leftOut }: Place, name: string, field: ArcSightField): ChosenMapping['from'] | null {
  const path = [...at, 'from'];
  const member = ROWS.find((row) => row.name === name);
  if (member === undefined) {
    reportMember(report, path, name);
    return null;
  }
  if (leftOut.includes(name)) {
    report.problem(path, `${name} is left out of the feed (leaveOut)`, 'Take it from one of the two.');
    return null;
  }
  if (targetKind(field, member) === null) {
    const instead = membersFor(field.type);
    const remedy = instead === '' ? 'Choose another field.' : `Choose another field, or one of ${instead}.`;
    report.problem(path, `${name} cannot go into ${field.name}, which takes ${WORDS[field.type]}`, remedy);
    return null;
  }
  warnOfCut(report, path, member, field);
  return { kind: 'member', name };
}

const WORDS: Readonly<Record<ArcSightType, string>> = {
  text: 'text',
  long: 'a number',
  integer: 'a number of 32 bits',
  double: 'a number with a fraction',
  time: 'a time',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  mac: 'a MAC address',
};

function membersFor(type: ArcSightType): string {
  return ROWS.filter((row) => targetKind({ type }, row) !== null)
    .map(({ name }) => name)
    .join(', ');
}

/** ArcSight cuts what is too long for the field, which nobody would see. */
function warnOfCut(report: Report, at: ConfigPath, { name, type, length }: Field, field: ArcSightField): void {
  const { maxLength } = field;
  if (maxLength === null || type !== 'String' || (length !== 'id' && length <= maxLength)) return;
  const size = length === 'id' ? 'is never cut by the bridge' : `may have ${length} characters`;
  report.warning(
    at,
    `${name} ${size}, and ${field.name} holds ${maxLength}: ArcSight cuts what is longer`,
    'Choose a longer field, such as deviceCustomString1 to 6, if the end matters.',
  );
}

function reportMember(report: Report, at: ConfigPath, name: string): void {
  const meant = nearest(name, MEMBERS);
  const remedy = meant === null ? 'The members are listed in docs/fields.md.' : `Did you mean ${meant}?`;
  report.problem(at, `the feed has no member ${JSON.stringify(name)}`, remedy);
}
