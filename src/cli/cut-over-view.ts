import { systemClock } from '../domain/clock.ts';
import { moment, span } from '../domain/time-words.ts';
import type { CutOverPreview, CutOverStart } from '../store/errands.ts';
import { counted } from '../telemetry/wording.ts';

/** What will be done, and what it means. */
export interface CutOverPlan extends CutOverStart, CutOverPreview {
  readonly lastSeq: number;
  /** Events before this FeedSeq have been deleted by retention. */
  readonly keptFromSeq: number;
  /** Where the connector stood; null when it has none. */
  readonly before: { readonly acknowledged: number; readonly lastPollMs: number | null } | null;
}

/** What a cut-over means, for people. */
export function cutOverText(plan: CutOverPlan): string {
  const { feed, connector, acknowledged, cutOver, sent, leftOut, lastSeq, keptFromSeq, before } = plan;
  const from =
    cutOver === null
      ? `begins behind FeedSeq ${acknowledged}`
      : `begins with alerts that Microsoft updated at ${moment(cutOver.updatedBeforeMs)} or later`;
  return [
    `${connector} ${from}, on the feed ${feed}.`,
    `Of what is stored now (up to FeedSeq ${lastSeq}), ${sent} of ${counted(sent + leftOut, 'event')} will be sent to it; ${leftOut} will not.`,
    'Everything that is stored from now on will be sent, whatever its time.',
    ...(cutOver === null
      ? []
      : [
          'Stop the old connector only after one more poll from now on: what Microsoft shows late comes twice then, and never not at all. If it has stopped already, choose a time some hours before its last poll.',
        ]),
    ...(acknowledged + 1 < keptFromSeq && cutOver === null
      ? [`FeedSeq ${acknowledged + 1} to ${keptFromSeq - 1} have been deleted by retention: they cannot be sent.`]
      : []),
    ...(before === null ? [] : [beforeLine(before, acknowledged)]),
    '',
  ].join('\n');
}

function beforeLine(before: NonNullable<CutOverPlan['before']>, acknowledged: number): string {
  const asked =
    before.lastPollMs === null ? 'has not asked yet' : `asked last ${span(systemClock.now() - before.lastPollMs)} ago`;
  return `It ${asked}, and stood at FeedSeq ${before.acknowledged}; it is moved ${acknowledged < before.acknowledged ? 'back' : 'on'}.`;
}
