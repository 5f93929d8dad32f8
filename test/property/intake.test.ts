import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Emission, SourceName } from '../../src/domain/detection.ts';
import type { IntakeAbout } from '../../src/domain/intake.ts';
import { ABOUT, itemsOf, readAll, readsOf, record, START, shuffled, story } from '../support/alert-story.ts';

/** Consecutive equal entries once: what somebody who is told every change would have seen. */
function changes<Item>(items: readonly Item[]): readonly Item[] {
  return items.filter((item, index) => index === 0 || JSON.stringify(item) !== JSON.stringify(items[index - 1]));
}

/** Severity and status of each significant update of the alert itself. */
function alertStates(emissions: readonly Emission[]) {
  return emissions
    .filter(({ family, change }) => family === 'alert' && change === 'significant')
    .map(({ facts }) => [facts.Severity, facts.Status]);
}

describe('an alert read again and again', () => {
  it('emits each of its detections once, whatever order and repetition its evidence comes in', () => {
    fc.assert(
      fc.property(story, (versions) => {
        const records = readsOf(versions);
        const { emissions } = readAll(records);
        const fresh = emissions.filter(({ kind }) => kind === 'new').map(({ detectionId }) => detectionId);
        expect(new Set(fresh).size).toBe(fresh.length);
        expect(fresh).toHaveLength(itemsOf(versions));
      }),
    );
  });

  it('emits exactly the states it went through, in order', () => {
    fc.assert(
      fc.property(story, (versions) => {
        const records = readsOf(versions);
        const { emissions } = readAll(records);
        const significant = emissions.filter(({ change }) => change === 'significant');
        expect(alertStates(emissions)).toEqual(
          changes(versions.map(({ version: { significant: s } }) => [s.severity, s.status])).slice(1),
        );
        const process = significant.filter(({ family }) => family === 'process');
        expect(process.map(({ facts }) => facts.Verdict ?? null)).toEqual(
          changes(versions.map(({ version: { verdict } }) => verdict)).slice(1),
        );
      }),
    );
  });

  it('emits an item again only when a detail of it has changed', () => {
    fc.assert(
      fc.property(story, (versions) => {
        const records = readsOf(versions);
        const latest = new Map<string, string>();
        for (const { family, detectionId, facts } of readAll(records).emissions) {
          if (family === 'alert') continue;
          const { FileName, CommandLine, ProcessId, Sha1, Md5, IpAddress, Verdict } = facts;
          const details = JSON.stringify([FileName, CommandLine, ProcessId, Sha1, Md5, IpAddress, Verdict]);
          expect(latest.get(detectionId)).not.toBe(details);
          latest.set(detectionId, details);
        }
      }),
    );
  });

  it('emits nothing for the same version in another order, and nothing for an older one', () => {
    fc.assert(
      fc.property(story, fc.infiniteStream(fc.nat()), (versions, order) => {
        const records = versions.map(({ version: one }, index) => record(one, START + index * 1000));
        const last = records.at(-1);
        if (last === undefined) throw new Error('a story has a version');
        const again = [...records.slice(0, -1), shuffled(last, order[Symbol.iterator]())];
        const { outcomes, emissions } = readAll([...records, ...again]);
        expect(outcomes.slice(records.length)).toEqual([...records.slice(0, -1).map(() => 'stale'), 'duplicate']);
        expect(emissions).toEqual(readAll(records).emissions);
      }),
    );
  });

  it('is new once and changes once, however often another API takes it over', () => {
    const sources = fc.array(fc.constantFrom<SourceName[]>('graph-alerts', 'defender-alerts'), { minLength: 1 });
    fc.assert(
      fc.property(story, sources, (versions, owners) => {
        const aboutOf = (index: number): IntakeAbout => {
          const source = owners[index % owners.length] ?? 'graph-alerts';
          return { ...ABOUT, source, sources: [source] };
        };
        const records = versions.map(({ version: one }, index) => record(one, START + index * 1000));
        const { emissions } = readAll(records, aboutOf);
        const fresh = emissions.filter(({ kind }) => kind === 'new').map(({ detectionId }) => detectionId);
        expect(fresh).toHaveLength(itemsOf(versions));
        expect(new Set(fresh).size).toBe(fresh.length);
        expect(alertStates(emissions)).toEqual(
          changes(versions.map(({ version: { significant: s } }) => [s.severity, s.status])).slice(1),
        );
      }),
    );
  });
});
