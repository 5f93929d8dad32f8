import type { ArcSightField } from './arcsight-fields.ts';
import type { Field, Layout, ReceiptTime, Target } from './field.ts';
import { ARCSIGHT_CONSTANTS, type ArcSightLevel, FIELDS, SEVERITY_MAP } from './fields.ts';

/**
 * What an administrator has chosen differently from the catalogue, for one feed (config `feeds[].arcsight`). The parser
 * file, the documents of the pack, the preview and the linter follow it.
 */
export interface ArcSightChoices {
  readonly deviceVendor: string;
  readonly deviceProduct: string;
  /** ArcSight's level for a severity word of the feed, in place of the catalogue's. */
  readonly severity: Readonly<Partial<Record<string, ArcSightLevel>>>;
  /** In place of the catalogue's mapping of that ArcSight field, or besides it. */
  readonly mappings: readonly ChosenMapping[];
  /** Members left out of the feed's JSON. */
  readonly leftOut: readonly string[];
}

export interface ChosenMapping {
  /** ArcSight event field, without the `event.` prefix. */
  readonly field: string;
  /** `nothing`: the field stays empty. */
  readonly from:
    | { readonly kind: 'member'; readonly name: string }
    | { readonly kind: 'constant'; readonly text: string }
    | { readonly kind: 'nothing' };
  /** Of a custom field; null: it has none. */
  readonly label: string | null;
}

const [{ value: deviceVendor }, { value: deviceProduct }] = ARCSIGHT_CONSTANTS;

/** Nothing chosen: Microsoft's names, the catalogue as it is. */
export const DEFAULT_CHOICES: ArcSightChoices = {
  deviceVendor,
  deviceProduct,
  severity: {},
  mappings: [],
  leftOut: [],
};

/** The settings of a feed that change where a value goes in ArcSight. */
export interface MappingSettings {
  readonly layout: Layout;
  readonly receiptTime: ReceiptTime;
  readonly choices: ArcSightChoices;
}

const ROWS: readonly Field[] = FIELDS;
const LEVELS = ['veryhigh', 'high', 'medium', 'low'] as const satisfies readonly ArcSightLevel[];

/**
 * Members that cannot be left out: what the bridge writes itself (positions, times and ids that it reads back), and what
 * its filters, its replays and ArcSight's own must-have fields stand on.
 */
export const NEEDED_MEMBERS: ReadonlySet<string> = new Set([
  ...ROWS.filter(({ of }) => of === 'event').map(({ name }) => name),
  ...['AlertId', 'AlertTitle', 'AlertTimeMs', 'LastUpdateMs', 'Severity', 'Category'],
]);

/** Fields with a key of their own, or in which the bridge says how an event was made. */
export const RESERVED_FIELDS: ReadonlyMap<string, string> = new Map([
  ['deviceVendor', 'has a key of its own: arcsight.deviceVendor'],
  ['deviceProduct', 'has a key of its own: arcsight.deviceProduct'],
  ['flexNumber1', 'holds the mapping version, by which outdated events are found'],
  ['flexNumber2', 'holds the parser version, by which events of an outdated file are found'],
]);

/** How a member's value goes into an ArcSight field; null where its type does not fit. */
export function targetKind(
  field: Pick<ArcSightField, 'type'>,
  { name, type, arcsight = [] }: Field,
): Target['as'] | null {
  switch (field.type) {
    case 'text':
      return 'text';
    case 'long':
      return type === 'String' ? null : 'number';
    case 'integer':
      return type === 'Integer' ? 'number' : null;
    case 'time':
      return type === 'Long' && (name.endsWith('Ms') || name === 'FeedTime') ? 'time' : null;
    case 'ipv4':
    case 'ipv6':
      return arcsight.some(({ as }) => as === field.type) ? field.type : null;
    case 'double':
    case 'mac':
      return null;
  }
}

/** The words of each level, highest first; levels without a word are left out. */
export function severityLevels({
  severity,
}: Pick<ArcSightChoices, 'severity'>): readonly { readonly level: ArcSightLevel; readonly words: readonly string[] }[] {
  const chosen = SEVERITY_MAP.flatMap(({ level, words }) =>
    words.map((word) => ({ word, level: severity[word] ?? level })),
  );
  return LEVELS.map((level) => ({
    level,
    words: chosen.filter((row) => row.level === level).map(({ word }) => word),
  })).filter(({ words }) => words.length > 0);
}

/** Whether the level is lower than another. */
export function isLower(level: ArcSightLevel, than: ArcSightLevel): boolean {
  return LEVELS.indexOf(level) > LEVELS.indexOf(than);
}

/** The catalogue's targets that these settings leave as they are. */
export function keptTargets(
  fields: readonly Field[],
  { layout, receiptTime, choices }: MappingSettings,
): readonly { readonly name: string; readonly target: Target }[] {
  const chosen = new Set(choices.mappings.map(({ field }) => field));
  const leftOut = new Set(choices.leftOut);
  return fields
    .filter(({ name }) => !leftOut.has(name))
    .flatMap(({ name, arcsight = [] }) => arcsight.map((target) => ({ name, target })))
    .filter(({ target }) => (target.layout ?? layout) === layout)
    .filter(({ target }) => (target.receiptTime ?? receiptTime) === receiptTime)
    .filter(({ target }) => !chosen.has(target.field));
}
