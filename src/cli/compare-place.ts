import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { placedFiles, renderPack } from '../connector/bundle.ts';
import { comparePack, comparePackFolder, type PackState } from '../connector/compare-pack.ts';
import type { PackSettings } from '../connector/pack-settings.ts';

/** Whether a folder is the ARCSIGHT_HOME of a connector, where the files of a pack have places of their own. */
export function isConnectorHome(folder: string): boolean {
  return existsSync(join(folder, 'user', 'agent'));
}

/** Compares a folder, a pack or a connector's, with what `generate` would write now. Throws PACK_UNREADABLE. */
export function comparePlace(folder: string, settings: PackSettings): Promise<readonly PackState[]> {
  return isConnectorHome(folder)
    ? comparePack(folder, placedFiles(settings))
    : comparePackFolder(folder, renderPack(settings));
}
