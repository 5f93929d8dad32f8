import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder laid out as a connector's install folder is, `current` included; the caller removes `above`. */
export interface ConnectorFolder {
  readonly above: string;
  readonly home: string;
  /** Absolute path of a file named relative to the home. */
  readonly at: (path: string) => string;
  /** Writes a file relative to the home, and makes its folders. */
  readonly put: (path: string, content: string | Buffer, mode?: number) => void;
  readonly read: (path: string) => string;
  /** Every file below the home with its content, by path. */
  readonly files: () => Readonly<Record<string, string>>;
}

export function connectorFolder(): ConnectorFolder {
  // Systems whose temporary folder is behind a link: install follows none.
  const above = realpathSync(mkdtempSync(join(tmpdir(), 'flexbridge-arcsight-')));
  const home = join(above, 'current');
  const at = (path: string): string => join(home, ...path.split('/'));
  const put = (path: string, content: string | Buffer, mode = 0o644): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content, { mode });
    chmodSync(at(path), mode);
  };
  put('user/agent/agent.properties', 'agents[0].type=restflexconnector\n');
  put('bin/runagentsetup.sh', '#!/bin/sh\n', 0o755);
  put('logs/agent.log', '');
  return {
    above,
    home,
    at,
    put,
    read: (path) => readFileSync(at(path), 'utf8'),
    files: () => {
      const entries = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1)).toSorted();
      return Object.fromEntries(paths.map((path) => [path, readFileSync(at(path), 'latin1')]));
    },
  };
}

/** The store of trusted certificates of the Java on the path, and its keytool; or why there is none. */
export function findKeytool(): { readonly keytool: string; readonly cacerts: string } | { readonly reason: string } {
  const shown = spawnSync('java', ['-XshowSettings:properties', '-version'], { encoding: 'utf8' });
  const home = /java\.home = (.+)/.exec(shown.stderr)?.[1]?.trim();
  if (home === undefined) return { reason: 'there is no java on the path' };
  const cacerts = join(home, 'lib', 'security', 'cacerts');
  try {
    readFileSync(cacerts);
    readFileSync(join(home, 'bin', 'keytool'));
  } catch {
    return { reason: 'its Java has no keytool or no cacerts' };
  }
  return { keytool: join(home, 'bin', 'keytool'), cacerts };
}

/** Gives the connector a Java as far as install sees one: the real keytool, behind a script, and a copy of the store. */
export function giveJava(
  { put, at }: ConnectorFolder,
  java: { readonly keytool: string; readonly cacerts: string },
): void {
  put('jre/bin/keytool', `#!/bin/sh\nexec '${java.keytool}' "$@"\n`, 0o755);
  put('jre/lib/security/cacerts', '');
  copyFileSync(java.cacerts, at('jre/lib/security/cacerts'));
}

/** What the connector's keytool lists under the alias; null where it has none. */
export function trusted({ at }: ConnectorFolder, keytool: string, alias: string): string | null {
  const store = at('jre/lib/security/cacerts');
  const args = ['-list', '-alias', alias, '-keystore', store, '-storepass', 'changeit', '-J-Duser.language=en'];
  const run = spawnSync(keytool, args, { encoding: 'utf8' });
  return run.status === 0 ? run.stdout : null;
}
