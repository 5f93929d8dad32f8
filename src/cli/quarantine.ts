import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { systemClock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import type { QuarantineEntry } from '../store/detection-store.ts';
import { runningInstance } from '../store/instance-lock.ts';
import type { Console } from './console.ts';
import { withStore } from './open-store.ts';
import { entryDetails, entryRow, entryTable, sourceName } from './quarantine-view.ts';

export interface QuarantineOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly show?: string;
  readonly all?: boolean;
}

/** What was set aside: shown, or made due for another try. */
export async function quarantine(
  action: 'list' | 'retry',
  ids: readonly string[],
  options: QuarantineOptions,
  console: Console,
): Promise<number> {
  checkUse(action, ids, options);
  const config = await loadConfig({ argvPath: options.config });
  return action === 'list' ? list(config, options, console) : retry(config, ids, options, console);
}

async function list(config: Config, { show, json }: QuarantineOptions, { out }: Console): Promise<number> {
  const wanted = show === undefined ? undefined : { entryId: entryId(show) };
  const entries = await withStore(config, 'read', (store) => store.quarantine(wanted));
  const nowMs = systemClock.now();
  if (wanted === undefined) {
    const rows = entries.map((entry) => entryRow(entry, config.tenants));
    out(json ? `${JSON.stringify(rows, null, 2)}\n` : entryTable(rows, nowMs));
    return 0;
  }
  const [entry] = entries;
  if (entry === undefined) throw unknown([wanted.entryId]);
  const row = entryRow(entry, config.tenants);
  const { raw } = entry;
  out(json ? `${JSON.stringify({ ...row, raw }, null, 2)}\n` : entryDetails(row, raw, nowMs));
  return 0;
}

async function retry(
  config: Config,
  ids: readonly string[],
  { all, json }: QuarantineOptions,
  { out }: Console,
): Promise<number> {
  const named = new Set(ids.map(entryId));
  // Read-only first: a database that an older version serves is not to be changed by a look into the quarantine.
  const entries = await withStore(config, 'read', (store) => store.quarantine());
  const chosen = entries.filter((entry) => all || named.has(entry.entryId));
  const missing = [...named].filter((id) => !entries.some((entry) => entry.entryId === id));
  if (missing.length > 0) throw unknown(missing);
  const chosenIds = chosen.map((entry) => entry.entryId);
  const due = chosen.length === 0 ? 0 : await withStore(config, 'write', (store) => store.retryQuarantine(chosenIds));
  const pid = runningInstance(config.store.path);
  out(json ? `${JSON.stringify({ due, pid })}\n` : retryText(due, chosen, pid, config));
  return 0;
}

function retryText(due: number, chosen: readonly QuarantineEntry[], pid: number | null, { tenants }: Config): string {
  if (due === 0) return 'Nothing is set aside.\n';
  const when =
    pid === null
      ? 'FlexBridge is not running: what is due is tried with the first poll of its source once flexbridge serve is started.'
      : `FlexBridge is running (pid ${pid}): what is due is tried with the next polls of its source.`;
  const isRead = ({ tenantId, source }: QuarantineEntry): boolean =>
    tenants.some((tenant) => tenant.tenantId === tenantId && tenant.sources.some(({ api }) => api === source));
  const left = new Set(chosen.filter((entry) => !isRead(entry)).map((entry) => sourceName(entry, tenants)));
  const warning =
    left.size === 0 ? [] : [`Not configured any more, so nothing is tried there: ${[...left].join(', ')}.`];
  return [`${due} ${due === 1 ? 'entry is' : 'entries are'} due now.`, when, ...warning, ''].join('\n');
}

function checkUse(action: 'list' | 'retry', ids: readonly string[], { show, all }: QuarantineOptions): void {
  if (action === 'list' && (ids.length > 0 || all)) {
    throw misused(
      'list takes no ids and no --all',
      'It lists every entry; one of them is shown with: quarantine list --show ID',
    );
  }
  if (action === 'retry' && show !== undefined) {
    throw misused('retry takes no --show', 'Look at an entry with: quarantine list --show ID');
  }
  if (action === 'retry' && ids.length > 0 === (all ?? false)) {
    throw misused(
      all ? 'retry was given both ids and --all' : 'retry was not told what to try',
      'Name the entries, as in quarantine retry 3 7, or all of them: quarantine retry --all',
    );
  }
}

function entryId(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw misused(
    `${JSON.stringify(text)} is no number of an entry`,
    'flexbridge quarantine list shows the numbers, in its first column.',
  );
}

function misused(message: string, hint: string): BridgeError {
  return new BridgeError({ code: 'QUARANTINE_USE', kind: 'operator', message: `quarantine: ${message}`, hint });
}

function unknown(ids: readonly number[]): BridgeError {
  return new BridgeError({
    code: 'QUARANTINE_UNKNOWN',
    kind: 'operator',
    message: `the quarantine has no entry ${ids.join(', ')}`,
    hint: 'flexbridge quarantine list shows those it has; one that could be taken after all is gone. Nothing was changed.',
  });
}
