import type { BridgeEvent } from '../domain/bridge-event.ts';
import type { Meters } from './meters.ts';
import { auditLabel, NO_FEED, PRUNED } from './metrics-zero.ts';

type FeedEvent = Extract<
  BridgeEvent,
  { readonly name: 'eventsFiltered' | 'feedRenewed' | 'replayFinished' | 'noticeStored' }
>;

export function countFeed(meters: Meters, event: FeedEvent): void {
  const { feed } = event;
  switch (event.name) {
    case 'eventsFiltered':
      meters.eventsFiltered.inc({ feed }, event.events);
      return;
    case 'feedRenewed':
      meters.eventsRenewed.inc({ feed }, event.events);
      return;
    case 'replayFinished':
      meters.eventsReplayed.inc({ feed }, event.events);
      return;
    case 'noticeStored':
      meters.notices.inc({ feed, kind: event.kind });
  }
}

export function countPruned(meters: Meters, event: Extract<BridgeEvent, { readonly name: 'pruned' }>): void {
  for (const rows of PRUNED) meters.rowsPruned.inc({ rows }, event[rows]);
  meters.undeliveredPruned.inc(event.undelivered);
}

type DeliveryEvent = Extract<
  BridgeEvent,
  { readonly name: 'pageSent' | 'pageAcknowledged' | 'tryBroken' | 'eventPassedOver' | 'twoParties' | 'eventsRead' }
>;

export function countDelivery(meters: Meters, event: DeliveryEvent): void {
  const { feed } = event;
  if (event.name === 'eventsRead') {
    meters.cursorEvents.inc({ connector: event.reader, feed }, event.events);
    return;
  }
  const ref = { connector: event.connector, feed };
  switch (event.name) {
    case 'pageSent': {
      const sending = event.tries > 1 ? 'repeat' : 'first';
      meters.pagesSent.inc({ ...ref, sending });
      meters.eventsSent.inc({ ...ref, sending }, event.events);
      return;
    }
    case 'pageAcknowledged':
      meters.pagesAcknowledged.inc({ ...ref, rule: event.by });
      meters.eventsDelivered.inc(ref, event.events);
      return;
    case 'tryBroken':
      meters.triesBroken.inc(ref);
      return;
    case 'eventPassedOver':
      meters.eventsPassedOver.inc(ref);
      return;
    case 'twoParties':
      meters.sharedLogins.inc(ref);
  }
}

type StoreEvent = Extract<
  BridgeEvent,
  { readonly name: 'storeUnwritable' | 'storeWritable' | 'upkeepFailed' | 'commandFailed' }
>;

/** What went wrong behind the feed. */
export function countStore(meters: Meters, event: StoreEvent): void {
  switch (event.name) {
    case 'storeUnwritable':
      meters.storeOutages.inc();
      return;
    case 'storeWritable':
      meters.storeOutageSeconds.inc(event.durationMs / 1000);
      return;
    case 'upkeepFailed':
      meters.upkeepFailures.inc();
      return;
    case 'commandFailed':
      meters.commandFailures.inc();
  }
}

type RequestEvent = Extract<
  BridgeEvent,
  { readonly name: 'feedRequest' | 'loginFailed' | 'requestFailed' | 'audited' | 'auditFailed' | 'auditFileFailed' }
>;

/** Who asked, and what became of it. */
export function countRequest(meters: Meters, event: RequestEvent): void {
  switch (event.name) {
    case 'feedRequest': {
      const feed = event.feed ?? NO_FEED;
      meters.feedRequests.inc({ feed, status: `${Math.floor(event.status / 100)}xx` });
      meters.feedRequestDuration.observe({ feed }, event.durationMs / 1000);
      return;
    }
    case 'loginFailed':
      meters.loginFailures.inc({ by: event.by });
      return;
    case 'requestFailed':
      meters.requestFailures.inc({ kind: event.error.kind });
      return;
    case 'audited':
      meters.auditEntries.inc({ action: auditLabel(event.action) });
      return;
    case 'auditFailed':
      meters.auditFailures.inc();
      return;
    case 'auditFileFailed':
      meters.auditFileOutages.inc();
  }
}
