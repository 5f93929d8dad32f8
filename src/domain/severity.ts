/** Severity words of the feed, highest first; `UnSpecified` is Microsoft's own word for none (defender-api 3). */
export const SEVERITIES = ['High', 'Medium', 'Low', 'Informational', 'UnSpecified'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Microsoft's word in any case; a word nobody documented becomes `UnSpecified`, which the parser maps to Low. */
export function toSeverity(word: string | null | undefined): Severity {
  const lower = (word ?? '').toLowerCase();
  return SEVERITIES.find((severity) => severity.toLowerCase() === lower) ?? 'UnSpecified';
}

/** True when `severity` passes every floor that `other` passes: nothing but `UnSpecified` itself reaches `UnSpecified`. */
export function reaches(severity: Severity, other: Severity): boolean {
  return isAtLeast(severity, other) && (other !== 'UnSpecified' || severity === 'UnSpecified');
}

/** True when `severity` is at least `floor`; `UnSpecified` always is: an unknown word must not hide an alert. */
export function isAtLeast(severity: Severity, floor: Severity): boolean {
  return severity === 'UnSpecified' || SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(floor);
}
