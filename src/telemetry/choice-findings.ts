import { type ArcSightChoices, DEFAULT_CHOICES, isLower } from '../domain/arcsight-choices.ts';
import type { Field, Layout, ReceiptTime } from '../domain/field.ts';
import { ARCSIGHT_CONSTANTS, type ArcSightLevel, FIELDS, SEVERITY_MAP } from '../domain/fields.ts';
import { type Finding, ok } from '../domain/finding.ts';

/** What a feed was given for ArcSight. */
export interface ChosenFeed {
  readonly name: string;
  readonly layout: Layout;
  readonly receiptTime: ReceiptTime;
  readonly arcsight: ArcSightChoices;
}

const ID = 'feed.arcsight';
const ROWS: readonly Field[] = FIELDS;

/** What content that was made for Microsoft's mapping would meet: a row for each choice that breaks some of it. */
export function choiceFindings(feed: ChosenFeed): readonly Finding[] {
  const rows = [
    ...nameRows(feed),
    ...layoutRow(feed),
    ...severityRows(feed),
    ...mappingRows(feed),
    ...leftOutRows(feed),
  ];
  if (rows.length > 0) return rows;
  return [ok(ID, feed.name, "Its events look in ArcSight as content made for Microsoft's own mapping expects.")];
}

function warning(subject: string, meaning: string, remedy: string): Finding {
  return { id: ID, state: 'warning', subject, sinceMs: null, meaning, remedy };
}

function nameRows({ name, arcsight }: ChosenFeed): readonly Finding[] {
  return (['deviceVendor', 'deviceProduct'] as const)
    .filter((key) => arcsight[key] !== DEFAULT_CHOICES[key])
    .map((key) =>
      warning(
        `${name}/${key}`,
        `${key} is "${arcsight[key]}": filters, rules and dashboards that ask for "${DEFAULT_CHOICES[key]}" find nothing, and the categorizer is looked for under the new name.`,
        'Change that content, and install the whole pack of this feed: the path of its categorizer follows.',
      ),
    );
}

function layoutRow({ name, layout }: ChosenFeed): readonly Finding[] {
  if (layout === 'microsoft') return [];
  const moved = ROWS.flatMap(({ arcsight = [] }) => {
    const before = arcsight.find((target) => target.layout === 'microsoft');
    const now = arcsight.find((target) => target.layout === layout);
    return before === undefined || now === undefined ? [] : [`${before.field} to ${now.field}`];
  });
  return [
    warning(
      `${name}/layout`,
      `layout is ${layout}, so the victim moves: ${moved.join(', ')}. Content made for Microsoft's mapping looks in the source fields.`,
      'Change that content to the destination fields, or write layout: microsoft.',
    ),
  ];
}

function severityRows({ name, arcsight }: ChosenFeed): readonly Finding[] {
  return SEVERITY_MAP.flatMap(({ level, words }) =>
    words.flatMap((word) => {
      const chosen: ArcSightLevel = arcsight.severity[word] ?? level;
      if (!isLower(chosen, level)) return [];
      return [
        warning(
          `${name}/severity.${word}`,
          `${word} is ${chosen} in ArcSight instead of ${level}: rules and channels that ask for agentSeverity do not see it, and its priority falls.`,
          `Check the rules on agentSeverity, or take severity.${word} out.`,
        ),
      ];
    }),
  );
}

function mappingRows({ name, layout, receiptTime, arcsight }: ChosenFeed): readonly Finding[] {
  return arcsight.mappings.flatMap(({ field, from }) => {
    const before = holderOf(field, layout, receiptTime);
    if (before === null || (from.kind === 'member' && from.name === before)) return [];
    const now =
      from.kind === 'member'
        ? `holds ${from.name}`
        : from.kind === 'constant'
          ? `is always "${from.text}"`
          : 'is empty';
    return [
      warning(
        `${name}/${field}`,
        `${field} ${now} instead of ${before}. ${USES[field] ?? 'Content that reads it finds something else.'}`,
        'Change what reads the field, or choose one that FlexBridge leaves free (docs/arcsight-choices.md).',
      ),
    ];
  });
}

/** What fills the field when nothing is chosen; null: nothing does. */
function holderOf(field: string, layout: Layout, receiptTime: ReceiptTime): string | null {
  const constant = ARCSIGHT_CONSTANTS.find((row) => row.field === field);
  if (constant !== undefined) return `"${constant.value}"`;
  const holder = ROWS.find(({ arcsight = [] }) =>
    arcsight.some(
      (target) =>
        target.field === field &&
        (target.layout ?? layout) === layout &&
        (target.receiptTime ?? receiptTime) === receiptTime,
    ),
  );
  return holder?.name ?? null;
}

/** What stands on the fields that matter most. */
const USES: Readonly<Partial<Record<string, string>>> = {
  name: 'Every channel, rule and dashboard shows the name; without one an event says nothing.',
  deviceSeverity:
    'The severity map of the parser file reads it: where it finds none of its words, agentSeverity is Unknown.',
  deviceEventClassId: 'The categorizer goes by it: without its classes an event has no category.',
  externalId: 'Content for the old API joins the events of one alert by it.',
  deviceReceiptTime: 'ArcSight sorts and corrects times by it; without it an event counts from when it was parsed.',
  endTime: 'Rules and active channels choose their window by it.',
  deviceEventCategory: 'Rules for a category of alerts read it.',
  deviceCustomString2: 'It tells the detections of one alert apart; active lists are keyed on it.',
  reason: 'By it a rule tells a new detection from an update, a replay, a heartbeat or a test.',
  sourceHostName: 'Rules and asset lookups find the device by it.',
  destinationHostName: 'Rules and asset lookups find the device by it.',
  sourceUserName: 'Rules find the acting user by it.',
  destinationUserName: 'Rules find the acting user by it.',
  fileHash: 'Lists of indicators are matched against it.',
  sourceAddress: 'Lists of indicators are matched against it.',
  requestUrl: 'Lists of indicators are matched against it.',
};

/** Members of the bridge's own are in no content that was made for the old API. */
function leftOutRows(feed: ChosenFeed): readonly Finding[] {
  const { name, layout, receiptTime, arcsight } = feed;
  return ROWS.filter((row) => arcsight.leftOut.includes(row.name)).flatMap((row) => {
    const emptied = (row.arcsight ?? [])
      .map(({ field }) => field)
      .filter((field) => holderOf(field, layout, receiptTime) === row.name);
    if (row.origin === 'bridge' && emptied.length === 0) return [];
    const isOld =
      row.origin === 'documented' ? ' It is a member of the old API, which parsers of your own may read.' : '';
    const fields = emptied.length === 0 ? 'no ArcSight field loses its value' : `nothing fills ${emptied.join(', ')}`;
    return [
      warning(
        `${name}/${row.name}`,
        `${row.name} is left out of the feed: ${fields}.${isOld}`,
        `Take ${row.name} out of leaveOut where content or a parser reads it.`,
      ),
    ];
  });
}
