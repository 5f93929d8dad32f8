import { type ArcSightChoices, type ChosenMapping, DEFAULT_CHOICES } from '../domain/arcsight-choices.ts';

/** What was chosen, a line each, in the words of the configuration; empty where nothing was. */
export function describeChoices(choices: ArcSightChoices): readonly string[] {
  const { deviceVendor, deviceProduct, severity, mappings, leftOut } = choices;
  return [
    ...(deviceVendor === DEFAULT_CHOICES.deviceVendor ? [] : [`deviceVendor is "${deviceVendor}"`]),
    ...(deviceProduct === DEFAULT_CHOICES.deviceProduct ? [] : [`deviceProduct is "${deviceProduct}"`]),
    ...Object.entries(severity).map(([word, level]) => `severity ${word} is ${level}`),
    ...mappings.map(describeMapping),
    ...(leftOut.length === 0 ? [] : [`left out of the feed: ${leftOut.join(', ')}`]),
  ];
}

function describeMapping({ field, from }: ChosenMapping): string {
  switch (from.kind) {
    case 'member':
      return `${field} is ${from.name}`;
    case 'constant':
      return `${field} is always "${from.text}"`;
    case 'nothing':
      return `${field} stays empty`;
  }
}
