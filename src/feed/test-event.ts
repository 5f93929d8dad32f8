import type { StoredCommand } from '../store/errands.ts';
import type { TestEventArgs } from './command-args.ts';
import type { Errand, ErrandDeps } from './replay.ts';

/** Adds the one event that the command asked for; whoever asked follows it. */
export function createTestEvent(
  { commandId, requestedBy }: StoredCommand,
  { feed, connector: recipient }: TestEventArgs,
  { store, emit }: ErrandDeps,
): Errand {
  return {
    async work() {
      const seq = await store.appendNotice({
        kind: 'test',
        feed,
        recipient,
        commandId,
        reason: `test: asked for by ${requestedBy}`,
        title: 'FlexBridge test event',
        text: `A test of the way to ArcSight, asked for by ${requestedBy}. Nothing has happened, and nothing is to be done.`,
      });
      if (seq !== null) emit({ name: 'noticeStored', feed, kind: 'test', seq });
      return true;
    },
  };
}
