import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { loadConfig } from '../config/load.ts';
import { systemClock } from '../domain/clock.ts';
import type { Finding } from '../domain/finding.ts';
import { findingsText } from '../domain/findings-text.ts';
import { findings } from '../telemetry/findings.ts';
import type { Observations } from '../telemetry/observations.ts';
import type { Console } from './console.ts';
import { certificateRows } from './doctor/certificate-rows.ts';
import { folded } from './doctor/folded.ts';
import { microsoftRows } from './doctor/microsoft-rows.ts';
import { packRows } from './doctor/pack-rows.ts';
import { portRows } from './doctor/port-rows.ts';
import { reachRows } from './doctor/reach-rows.ts';
import { secretRows } from './doctor/secret-rows.ts';
import { storeRows } from './doctor/store-rows.ts';
import { exitCodeOf } from './findings-report.ts';
import { look } from './look.ts';
import { openProgress } from './progress-line.ts';

export interface DoctorOptions {
  readonly config?: string;
  readonly offline?: boolean;
  readonly pack?: string;
  readonly json?: boolean;
}

const INVALID = 78;

/**
 * Says why no event arrives: tries every link of the chain, and reads the running bridge's own record of it. Exit code 1
 * when something has failed, 78 when the configuration cannot be used. Changes nothing, and is no harm to a running bridge.
 */
export async function doctor(options: DoctorOptions, console: Console): Promise<number> {
  const checked = await loaded(options.config);
  if ('problems' in checked) return tell(checked.problems, options, console, INVALID);
  const rows = await diagnose(checked.config, options, console);
  return tell(rows, options, console, exitCodeOf(rows));
}

/** The table of findings with what was tried out just now. */
export async function diagnose(
  config: Config,
  options: DoctorOptions,
  console: Pick<Console, 'cwd' | 'err' | 'isTerminal'>,
): Promise<readonly Finding[]> {
  // First, for a folder that was misspelt ends it all.
  const packs = await packRows(config, { pack: options.pack, cwd: console.cwd, configPath: options.config });
  const seen = await look(config);
  const probed = [
    ...(await secretRows(config)),
    ...storeRows(config, seen),
    ...(await ownRows(config, seen, options)),
    ...(options.offline ? [] : await withProgress(config, options, console)),
    ...packs,
  ];
  return findings({ ...seen, probed });
}

/** The bridge's own address. What only follows from a cause that was found is not tried. */
async function ownRows(
  { server }: Config,
  seen: Observations,
  { offline }: DoctorOptions,
): Promise<readonly Finding[]> {
  // Undefined: it answers, and this account may not look who it is.
  const { instance } = seen;
  const port = await portRows(server, instance);
  const isServed = instance !== null && port.every(({ state }) => state === 'ok');
  const subject = seen.certificate?.subject ?? 'server';
  const certificate = await certificateRows({ server, subject, isServed, nowMs: systemClock.now() });
  const rows = [...port, ...certificate];
  const isBroken = rows.some(({ state }) => state === 'failed');
  return offline || !isServed || isBroken ? rows : [...rows, ...(await reachRows(server))];
}

/** Tenants that are asked within a few seconds; with more, a terminal shows how far it is. */
const FEW = 8;

async function withProgress(
  { tenants }: Config,
  { json }: DoctorOptions,
  console: Pick<Console, 'err' | 'isTerminal'>,
): Promise<readonly Finding[]> {
  if (json || !console.isTerminal || tenants.length <= FEW) return microsoftRows(tenants);
  const progress = openProgress({ out: console.err, isTerminal: true });
  try {
    progress.show(0, tenants.length, 'tenants tried');
    return await microsoftRows(tenants, (done) => {
      progress.show(done, tenants.length, 'tenants tried');
    });
  } finally {
    progress.end();
  }
}

async function loaded(
  argvPath: string | undefined,
): Promise<{ readonly config: Config } | { readonly problems: readonly Finding[] }> {
  try {
    return { config: await loadConfig({ argvPath }) };
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    const problems = thrown.problems.map(
      ({ file, line, variable, path, message, remedy }): Finding => ({
        id: 'config',
        state: 'failed',
        subject: path === '' ? 'configuration' : path,
        sinceMs: null,
        meaning: `${variable ?? (file === null ? 'The configuration' : `${file}${line === null ? '' : `:${line}`}`)}: ${message}. The bridge cannot start with it.`,
        remedy,
      }),
    );
    return { problems };
  }
}

function tell(rows: readonly Finding[], { json }: DoctorOptions, { out }: Console, code: number): number {
  out(json ? `${JSON.stringify({ findings: rows }, null, 2)}\n` : findingsText(folded(rows)));
  return code;
}
