import type { Emission, FactValue } from './detection.ts';
import { ADMITTED_PREFIX, OVERFLOW_PREFIX, UPDATE_PREFIX } from './emissions.ts';
import type { EvidenceFamily } from './event-class.ts';
import type { FactName } from './fields.ts';

/**
 * The emissions of one intake as one event about the alert; none where there is none (config `detections: perAlert`).
 * @param isNew the feed has nothing of the alert yet
 */
export function perAlert(emissions: readonly Emission[], isNew: boolean): readonly Emission[] {
  const items = emissions.filter(isAboutItem);
  const primary = items.find(({ facts }) => isMalicious(facts.Verdict)) ?? items[0] ?? emissions[0];
  if (primary === undefined) return [];
  const { alertId, alertIsNew, family, facts } = primary;
  const details = items.length > 0 ? listing(items, emissions, primary) : detailsOf(emissions);
  return [
    {
      detectionId: alertId,
      alertId,
      alertIsNew,
      ...(isNew ? asNew(primary) : asUpdate(emissions)),
      family,
      facts: { ...facts, ...(details.length > 0 && { EvidenceDetails: details }) },
    },
  ];
}

/** What a filter kept out before says what let it through. */
function asNew({ alertIsNew, reason }: Emission): Pick<Emission, 'kind' | 'change' | 'reason'> {
  if (alertIsNew) return { kind: 'new', change: 'first', reason: 'new' };
  const why = without(UPDATE_PREFIX, without(ADMITTED_PREFIX, reason));
  return { kind: 'new', change: 'admitted', reason: why === 'new' ? why : `${ADMITTED_PREFIX}${why}` };
}

function asUpdate(emissions: readonly Emission[]): Pick<Emission, 'kind' | 'change' | 'reason'> {
  return {
    kind: 'update',
    change: emissions.some(({ change }) => change !== 'other') ? 'significant' : 'other',
    reason: `${UPDATE_PREFIX}${[...newEvidence(emissions), ...changesOf(emissions)].join('; ')}`,
  };
}

function newEvidence(emissions: readonly Emission[]): readonly string[] {
  const count = emissions.filter(({ kind }) => kind === 'new').length;
  return [
    ...(count > 0 ? [`${count} new evidence ${count === 1 ? 'item' : 'items'}`] : []),
    ...emissions.flatMap(overflowing),
  ];
}

/** Each change once, with the number of emissions that say the same. */
function changesOf(emissions: readonly Emission[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { kind, reason } of emissions) {
    if (kind !== 'update') continue;
    const text = without(UPDATE_PREFIX, reason);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => (count === 1 ? text : `${text} (${count} evidence items)`));
}

/** Updates of the family `alert` are about the alert as a whole, or about what was folded into its overflow. */
function isAboutItem({ kind, family }: Emission): boolean {
  return kind === 'new' || (kind === 'update' && family !== 'alert');
}

function isMalicious(verdict: FactValue | undefined): boolean {
  return typeof verdict === 'string' && verdict.toLowerCase() === 'malicious';
}

/** What an item of a family is known by; the others by the first of their details. */
const NAMED_BY: Partial<Record<EvidenceFamily, readonly FactName[]>> = {
  process: ['FileName', 'CommandLine'],
  file: ['FileName', 'Sha1', 'Sha256', 'Md5'],
  ip: ['IpAddress'],
  url: ['Url'],
  dns: ['Url'],
  user: ['UserPrincipalName', 'UserName', 'UserSid'],
  device: ['ComputerDnsName', 'MachineName', 'DeviceID'],
  malware: ['ThreatName'],
  iot: ['MachineName'],
};

/** Every item by name, how many are folded, and what the first one has no field for. */
function listing(items: readonly Emission[], emissions: readonly Emission[], primary: Emission): readonly string[] {
  return [...items.flatMap(named), ...emissions.flatMap(overflowing), ...detailsOf([primary])];
}

/** `process=powershell.exe (pid 4711)`; an alert without any evidence has nothing to name. */
function named({ family, facts }: Emission): readonly string[] {
  if (family === 'alert') return [];
  const type = typeof facts.EvidenceType === 'string' ? facts.EvidenceType : family;
  const fact = NAMED_BY[family]?.map((name) => facts[name]).find((value) => value !== undefined);
  const [detail] = list(facts.EvidenceDetails);
  const value = fact === undefined ? detail?.replace(/^[^=]*=/, '') : String(fact);
  const pid = family === 'process' && facts.ProcessId !== undefined ? ` (pid ${String(facts.ProcessId)})` : '';
  return [value === undefined ? `${type}${pid}` : `${type}=${value}${pid}`];
}

/** The overflow is counted, not listed. */
function overflowing({ kind, reason }: Emission): readonly string[] {
  return kind === 'overflow' ? [without(OVERFLOW_PREFIX, reason)] : [];
}

function detailsOf(emissions: readonly Emission[]): readonly string[] {
  return emissions.flatMap(({ facts }) => list(facts.EvidenceDetails));
}

function without(prefix: string, text: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

function list(value: FactValue | undefined): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
