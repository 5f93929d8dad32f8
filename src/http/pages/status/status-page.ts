import type { StatusSnapshot } from '../../../domain/status-snapshot.ts';
import { moment } from '../../../domain/time-words.ts';
import type { BrowsedEvent } from '../../../store/event-browser.ts';
import type { Measure } from '../../../store/measures.ts';
import { type Html, html } from '../html.ts';
import type { Page, Viewer } from '../layout.ts';
import { LIVE_SCRIPT_PATH, LIVE_SCRIPT_VERSION } from '../live-script.ts';
import { type CaughtUp, chainPart } from './chain-part.ts';
import { chartsPart } from './charts-part.ts';
import { expiryPart } from './expiry-part.ts';
import { findingsPart } from './findings-part.ts';
import { latestPart } from './latest-part.ts';
import type { Range } from './range.ts';
import { region } from './region.ts';
import { verdictPart } from './verdict-part.ts';

export interface StatusView {
  readonly snapshot: StatusSnapshot;
  readonly range: Range;
  /** Null: they cannot be read now. */
  readonly measures: readonly Measure[] | null;
  /** The newest first; null likewise. */
  readonly latest: readonly BrowsedEvent[] | null;
  readonly caughtUp: CaughtUp;
  readonly version: string;
}

/** The whole page; without its script it is a picture of one moment. */
export function statusPage(view: StatusView, viewer: Viewer): Page {
  return {
    title: 'Status',
    viewer,
    here: '/status',
    isWide: true,
    script: `${LIVE_SCRIPT_PATH}?v=${LIVE_SCRIPT_VERSION}`,
    content: html`<p id="connection" class="connection" role="status"></p>
${statusRegions(view)}`,
  };
}

/** What changes while the page is open. The script asks for it again and again. */
export function statusRegions({ snapshot, range, measures, latest, caughtUp, version }: StatusView): Html {
  const { atMs } = snapshot;
  const parts = [
    { id: 'verdict', heading: 'At a glance', content: verdictPart(snapshot) },
    { id: 'chain', heading: 'The way of a detection', content: chainPart(snapshot, caughtUp) },
    {
      id: 'history',
      heading: 'History',
      content: measures === null ? UNREAD : chartsPart(measures, range, atMs),
    },
    { id: 'findings', heading: 'Findings', content: findingsPart(snapshot) },
    { id: 'latest', heading: 'Latest events', content: latest === null ? UNREAD : latestPart(latest, atMs) },
    { id: 'expiry', heading: 'What expires', content: expiryPart(snapshot) },
  ];
  return html`<div id="live" data-range="${range}">
${parts.map(region)}<p class="faint foot" id="as-of">As of <time datetime="${moment(atMs)}" id="taken">${moment(atMs).replace('T', ' ').replace('Z', ' UTC')}</time>, FlexBridge ${version}. <span id="how">Reload the page to see what is new.</span></p>
</div>`;
}

const UNREAD = html`<p>This cannot be read now: see the store in the findings.</p>`;
