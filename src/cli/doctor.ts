import { loadConfig } from '../config/load.ts';
import { findings } from '../telemetry/findings.ts';
import type { Console } from './console.ts';
import { exitCodeOf, findingsReport } from './findings-report.ts';
import { look } from './look.ts';

export interface DoctorOptions {
  readonly config?: string;
  readonly offline?: boolean;
  readonly pack?: string;
  readonly json?: boolean;
}

/** Says why no event arrives: the running bridge's own record of every link of the chain. Exit code 1 when one is broken. */
export async function doctor(
  options: DoctorOptions,
  { out }: Console,
): Promise<number> {
  const config = await loadConfig({ argvPath: options.config });
  const rows = findings(await look(config));
  out(options.json ? `${JSON.stringify({ findings: rows }, null, 2)}\n` : findingsReport(rows));
  return exitCodeOf(rows);
}
