import { readFileSync } from 'node:fs';
import { arch, cpus, freemem, release, totalmem, type, uptime } from 'node:os';
import type { RedactedConfig } from '../../config/redacted-config.ts';
import { systemClock } from '../../domain/clock.ts';
import { account } from '../account.ts';
import { version } from '../version.ts';
import { type BundlePart, json } from './bundle-part.ts';

/** Program, Node and system; no name of the machine. */
export function versionsPart(): BundlePart {
  const { uid = -1 } = { uid: process.getuid?.() };
  const text = json({
    taken: new Date(systemClock.now()).toISOString(),
    flexbridge: version(),
    node: process.version,
    libraries: process.versions,
    system: { type: type(), release: release(), arch: arch(), distribution: distribution() },
    machine: {
      cpus: cpus().length,
      memoryBytes: totalmem(),
      freeMemoryBytes: freemem(),
      upSeconds: Math.round(uptime()),
    },
    account: { name: account(), uid },
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  return { path: 'versions.json', about: 'FlexBridge, Node, libraries, operating system', text };
}

/** Empty where the system has no such file. */
function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}

/** The configuration as it was written, as it counts, and which variables have a share in it. */
export function configParts({ file, written, effective, variables, hidden }: RedactedConfig): readonly BundlePart[] {
  const note = `# ${file ?? 'There is no configuration file.'}\n# Without comments; secrets, and values under unknown keys, are not shown.\n`;
  const lines = [
    ...(variables.length === 0 ? ['No variable of the environment matters.'] : variables),
    '',
    ...(hidden.length === 0 ? ['Nothing was taken out.'] : ['Not shown:', ...hidden.map((path) => `  ${path}`)]),
  ];
  return [
    ...(written === null
      ? []
      : [{ path: 'config/written.yaml', about: 'the configuration file', text: note + written }]),
    ...(effective === null
      ? []
      : [{ path: 'config/effective.yaml', about: 'with environment and defaults', text: note + effective }]),
    { path: 'config/environment.txt', about: 'variables that are set, without values', text: `${lines.join('\n')}\n` },
  ];
}
