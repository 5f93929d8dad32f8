import { fullIdOf } from '../../src/simulator/apis/siem-record.ts';
import type { SiemDetection } from '../../src/simulator/world/siem-detection.ts';
import { sevenDigits, textOf } from './json-reading.ts';
import type { Discrepancy } from './judge.ts';
import type { StoredRecord } from './stored.ts';
import { changeText } from './told.ts';

type Finding = Omit<Discrepancy, 'alertId'>;

/**
 * The same for the SIEM API, whose detections never change: every one that there was must be stored and told of once,
 * in whatever order it came. The alert's severity is that of the detection that was processed last.
 * @param detections of the alert, all that had to be read
 * @param others that may have been read by now
 */
export function judgeDetections(
  detections: readonly SiemDetection[],
  others: readonly SiemDetection[],
  stored: readonly StoredRecord[],
): readonly Finding[] {
  return [...judgeEach(detections, others, stored), ...judgeRecords(stored), ...judgeSeverity(stored)];
}

function judgeEach(
  detections: readonly SiemDetection[],
  others: readonly SiemDetection[],
  stored: readonly StoredRecord[],
): readonly Finding[] {
  const findings: Finding[] = [];
  const told = stored.flatMap((record) => record.told);
  const news = told.filter(({ kind }) => kind === 'new');
  const listed = told.filter(({ kind }) => kind === 'overflow').flatMap(({ listing }) => listing);
  const times = new Map<string, number>();
  for (const { ioc } of news) times.set(ioc, (times.get(ioc) ?? 0) + 1);
  const keys = new Set(stored.flatMap((record) => record.detections).map((detection) => textOf(detection['FullId'])));
  for (const detection of detections) {
    const { iocUniqueId } = detection;
    const count = times.get(iocUniqueId) ?? 0;
    if (count > 1) findings.push({ kind: 'twice', what: `${iocUniqueId} is told as new ${count} times` });
    if (!keys.has(fullIdOf(detection))) findings.push({ kind: 'missing', what: `${iocUniqueId} is not stored` });
  }
  // Past the limit they are listed by what they are about, each in one overflow.
  const untold = detections.filter(({ iocUniqueId }) => !times.has(iocUniqueId));
  const unlisted = untold.length - listed.length;
  if (unlisted > 0)
    findings.push({ kind: 'missing', what: `${unlisted} not told, of them ${untold[0]?.iocUniqueId ?? ''}` });
  if (unlisted < -others.length)
    findings.push({ kind: 'twice', what: `${-unlisted} more in overflows than there are` });
  const known = new Set([...detections, ...others].map(({ iocUniqueId }) => iocUniqueId));
  const strangers = [...times.keys()].filter((ioc) => !known.has(ioc));
  if (strangers.length > 0)
    findings.push({ kind: 'wrong', what: `told as new: ${strangers[0] ?? ''}, which is nothing` });
  return findings;
}

/** What is stored again must have brought something. */
function judgeRecords(stored: readonly StoredRecord[]): readonly Finding[] {
  const seen = new Set<string>();
  return stored.flatMap(({ detections }, index) => {
    const news = detections.filter((detection) => !seen.has(textOf(detection['FullId'])));
    for (const detection of news) seen.add(textOf(detection['FullId']));
    return news.length > 0 ? [] : [{ kind: 'twice' as const, what: `record ${index} holds nothing new` }];
  });
}

function judgeSeverity(stored: readonly StoredRecord[]): readonly Finding[] {
  let latest: { readonly processed: string; readonly severity: string } | null = null;
  return stored.flatMap(({ detections, told }, index) => {
    const [last] = detections
      .map((detection) => ({
        processed: sevenDigits(detection['LastProcessedTimeUtc']),
        severity: textOf(detection['Severity']).toLowerCase(),
      }))
      .toSorted((a, b) => (a.processed < b.processed ? 1 : -1));
    const before = latest;
    if (last !== undefined && (before === null || last.processed > before.processed)) latest = last;
    const wanted =
      before !== null && latest !== null && latest.severity !== before.severity
        ? changeText('severity', before.severity, latest.severity)
        : '';
    const updates = told.filter(({ kind, change }) => kind === 'update' && change !== 'other');
    const got = updates.map(({ changes }) => changes.join('; ')).join(' and ');
    if (got === wanted) return [];
    return [
      { kind: wanted === '' ? ('twice' as const) : ('missing' as const), what: `record ${index}: ${wanted} / ${got}` },
    ];
  });
}
