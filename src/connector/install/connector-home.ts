import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileFailure, installError } from './install-error.ts';
import { statPlain } from './plain-path.ts';

/** A connector's install folder, `$ARCSIGHT_HOME`. */
export interface ConnectorHome {
  /** Absolute; includes `current` (flexconnector 1.1). */
  readonly root: string;
  /** Who gets what is written: set where root works in another user's folder. */
  readonly owner: Owner | null;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The folder, once it looks like that of a connector.
 * @throws BridgeError NOT_A_CONNECTOR, INSTALL_LINK, INSTALL_UNWRITABLE
 */
export async function findConnectorHome(folder: string): Promise<ConnectorHome> {
  const root = resolve(folder);
  const agent = join(root, 'user', 'agent');
  const stats = await statPlain(agent);
  if (stats?.isDirectory() !== true) throw await notAConnector(root);
  const isForeign = process.getuid?.() === 0 && stats.uid !== 0;
  return { root, owner: isForeign ? { uid: stats.uid, gid: stats.gid } : null };
}

async function notAConnector(root: string): Promise<Error> {
  const below = join(root, 'current');
  const isParent = (await statPlain(join(below, 'user', 'agent')))?.isDirectory() === true;
  const exists = (await statPlain(root))?.isDirectory() === true;
  const above = aboveOf(root);
  const isInside = above !== null && (await statPlain(join(above, 'user', 'agent')))?.isDirectory() === true;
  return installError(
    'NOT_A_CONNECTOR',
    exists
      ? `${root} is not the folder of a connector: it has no folder user${sep}agent`
      : `there is no folder ${root}`,
    isParent
      ? `The folder below it is: give --arcsight-home ${below}`
      : isInside
        ? `The folder above it is: give --arcsight-home ${above}`
        : "Give the connector's install folder including `current`, for example /opt/flexconnector/current, on the machine where the connector is installed.",
  );
}

/** Of a path that leads into `user/agent`, the folder above `user`. */
function aboveOf(root: string): string | null {
  for (let folder = root; dirname(folder) !== folder; folder = dirname(folder)) {
    if (basename(folder) === 'user') return dirname(folder);
  }
  return null;
}

/** The absolute path of a file that is named relative to the home, with `/`. */
export function placeIn(home: ConnectorHome, path: string): string {
  return join(home.root, ...path.split('/'));
}

/** Folders that are missing above these files, each above those in it; relative to the home, with `/`. */
export async function missingFolders(home: ConnectorHome, paths: readonly string[]): Promise<readonly string[]> {
  const missing = new Set<string>();
  for (const path of paths) {
    const names = path.split('/').slice(0, -1);
    for (let length = 1; length <= names.length; length += 1) {
      const folder = names.slice(0, length).join('/');
      const stats = await statPlain(placeIn(home, folder));
      if (stats === null) missing.add(folder);
      else if (!stats.isDirectory())
        throw installError(
          'INSTALL_NOT_A_FILE',
          `${placeIn(home, folder)} is no folder`,
          'Look at what it is, and move it away.',
        );
    }
  }
  return [...missing];
}

/**
 * Finds out before anything is written whether it can be.
 * @throws BridgeError INSTALL_UNWRITABLE
 */
export async function requireWritable(home: ConnectorHome, paths: readonly string[]): Promise<void> {
  const missing = new Set(await missingFolders(home, paths));
  for (const path of paths) {
    let folder = dirname(placeIn(home, path));
    while (missing.has(relative(home.root, folder).split(sep).join('/'))) folder = dirname(folder);
    try {
      await access(folder, constants.W_OK | constants.X_OK);
    } catch (thrown) {
      throw fileFailure('writing into', folder, thrown);
    }
  }
}
