import type { LintNotes } from './lint-notes.ts';
import type { AgentSeverity, SeverityRule, SeverityTest } from './parser-definition.ts';
import type { PropertiesFile } from './properties-reader.ts';

const LEVELS: readonly (readonly [level: string, severity: AgentSeverity])[] = [
  ['veryhigh', 'Very-High'],
  ['high', 'High'],
  ['medium', 'Medium'],
  ['low', 'Low'],
];
export const SEVERITY_KEY = /^severity\.map\.([^.]+)\.if\.(.+)$/;

/** `severity.map.<level>.if.<field>=a,b,1..9`: comma-separated words and inclusive ranges (arcsight-parser 6). */
export function parseSeverityMap(file: PropertiesFile, notes: LintNotes): readonly SeverityRule[] {
  const found = new Map<string, SeverityRule[]>();
  for (const [key, value] of file.values) {
    const [, level, field] = SEVERITY_KEY.exec(key) ?? [];
    if (level === undefined || field === undefined) continue;
    const severity = LEVELS.find(([name]) => name === level)?.[1];
    if (severity === undefined) {
      notes.error('UNKNOWN_SEVERITY_LEVEL', key, `${level} is none of veryhigh, high, medium, low`);
      continue;
    }
    if (field !== 'deviceSeverity')
      notes.warning('SEVERITY_FIELD', key, `only deviceSeverity is documented, not ${field}`);
    const rules = found.get(level) ?? [];
    found.set(level, [...rules, { severity, field, tests: parseTests(value) }]);
  }
  const rules = LEVELS.flatMap(([level]) => found.get(level) ?? []);
  noteOverlaps(rules, notes);
  return rules;
}

/** The severity of an event by its fields; Unknown when no rule matches. Words compare exactly. */
export function severityOf(rules: readonly SeverityRule[], fieldText: (field: string) => string | null): AgentSeverity {
  for (const { severity, field, tests } of rules) {
    const text = fieldText(field);
    if (text !== null && tests.some((test) => passes(test, text))) return severity;
  }
  return 'Unknown';
}

function parseTests(list: string): readonly SeverityTest[] {
  return list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [, from, to] = /^(-?\d+)\.\.(-?\d+)$/.exec(part) ?? [];
      return from === undefined || to === undefined
        ? { kind: 'word', word: part }
        : { kind: 'range', from: Number(from), to: Number(to) };
    });
}

function passes(test: SeverityTest, text: string): boolean {
  if (test.kind === 'word') return test.word === text;
  return /^-?\d+$/.test(text) && Number(text) >= test.from && Number(text) <= test.to;
}

function noteOverlaps(rules: readonly SeverityRule[], notes: LintNotes): void {
  const seen = new Map<string, AgentSeverity>();
  for (const { severity, field, tests } of rules) {
    for (const test of tests) {
      if (test.kind !== 'word') continue;
      const key = `${field}=${test.word}`;
      const earlier = seen.get(key);
      if (earlier !== undefined) notes.warning('SEVERITY_TWICE', null, `${key} is both ${earlier} and ${severity}`);
      seen.set(key, severity);
    }
  }
}
