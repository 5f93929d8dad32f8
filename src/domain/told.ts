import type { Facts, Standing, Told } from './detection.ts';
import { reaches, toSeverity } from './severity.ts';
import type { Comparison, Significant } from './significant.ts';

/** In place of a category: whatever it was. States that an older version stored do not say. */
export const ANY_CATEGORY = '*';

/** How a record's words meet what was told of its alert before. */
export interface Showing {
  readonly by: Comparison;
  /** Of the record: its severity and category, as they are now. */
  readonly standing: Standing;
  /** Of the alert; null while it is new. */
  readonly alertTold: Told | null;
}

export function standingOf({ Severity, Category }: Facts): Standing {
  return {
    severity: toSeverity(typeof Severity === 'string' ? Severity : null),
    category: typeof Category === 'string' ? Category.toLowerCase() : '',
  };
}

/**
 * What a state that does not say it is taken to have been told under: the alert's last severity. So after an upgrade only
 * what really rises is told again.
 */
export function toldUnder({ Severity }: Significant): Told {
  return { [ANY_CATEGORY]: toSeverity(Severity) };
}

export function standingsOf(told: Told): readonly Standing[] {
  return Object.entries(told).map(([category, severity]) => ({ category, severity }));
}

/**
 * Some filter may let through now what it never let through before. Another API's words for a category say nothing of
 * that, and neither does its silence about the severity.
 */
export function isAdmitted(told: Told, { standing, by }: Pick<Showing, 'standing' | 'by'>): boolean {
  switch (by) {
    case 'full':
      return !covers(told, standing);
    case 'lenient':
      return standing.severity !== 'UnSpecified' && !reachedAnywhere(told, standing);
    case 'none':
      return false;
  }
}

export function alsoTold(told: Told, standing: Standing): Told {
  return covers(told, standing) ? told : { ...told, [standing.category]: standing.severity };
}

/** What all of them were told under. */
export function commonTold(all: readonly Told[]): Told {
  return all
    .flatMap(standingsOf)
    .filter((standing) => all.every((told) => covers(told, standing)))
    .reduce(alsoTold, {});
}

/** `Severity Low -> High`: why something is told as new that is not. */
export function describeAdmission(told: Told, standing: Standing): string {
  const before = standingsOf(told);
  const highest = before.find(({ severity }) => before.every((other) => reaches(severity, other.severity)));
  if (highest !== undefined && !reaches(highest.severity, standing.severity)) {
    return `Severity ${highest.severity} -> ${standing.severity}`;
  }
  return `Category ${before.map(({ category }) => category || 'none').join(', ')} -> ${standing.category || 'none'}`;
}

/** Every filter that lets it through now has let it through before. */
function covers(told: Told, { severity, category }: Standing): boolean {
  return standingsOf(told).some(
    (before) =>
      (before.category === ANY_CATEGORY || before.category === category) && reaches(before.severity, severity),
  );
}

function reachedAnywhere(told: Told, { severity }: Standing): boolean {
  return standingsOf(told).some((before) => reaches(before.severity, severity));
}
