import { type PackFile, readDeployed } from '../bundle.ts';
import { MANIFEST_FILE, type Manifest, readManifest, sha256 } from '../manifest.ts';
import { installError } from './install-error.ts';
import type { InstallFile } from './install-pack.ts';

export interface PlacedPack {
  readonly manifest: Manifest;
  readonly files: readonly InstallFile[];
}

/** The certificate is imported; a copy stays beside the parser, as a new version of the connector forgets it (flexconnector 6). */
const CERTIFICATE_FOLDER = 'user/agent/flexagent';

/**
 * A pack that `generate` has written, with the place of each file.
 * @throws BridgeError INSTALL_PACK, PACK_MANIFEST, PACK_PATH, PACK_UNREADABLE
 */
export async function readPackFolder(dir: string): Promise<PlacedPack> {
  const text = await readDeployed(dir, MANIFEST_FILE);
  if (text === null) throw noPack(`there is no ${MANIFEST_FILE} in ${dir}`);
  const files: PackFile[] = [{ path: MANIFEST_FILE, text }];
  for (const { path } of readManifest(text).files) {
    const content = await readDeployed(dir, path);
    if (content !== null) files.push({ path, text: content });
  }
  return placePack(files);
}

/** The files of a pack, its manifest among them, with the place of each. @throws BridgeError INSTALL_PACK, PACK_MANIFEST */
export function placePack(pack: readonly PackFile[]): PlacedPack {
  const textOf = (path: string): string => {
    const text = pack.find((file) => file.path === path)?.text;
    if (text === undefined) throw noPack(`the pack has no file ${path}`);
    return text;
  };
  const manifest = readManifest(textOf(MANIFEST_FILE));
  const files = manifest.files.flatMap(({ path, purpose, goesTo, sha256: expected }): readonly InstallFile[] => {
    if (purpose === 'guide') return [];
    const place = purpose === 'certificate' ? `${CERTIFICATE_FOLDER}/${path}` : goesTo;
    if (place === null) return [];
    const text = textOf(path);
    // The client file is there to be filled in.
    if (purpose !== 'client' && sha256(text) !== expected) throw noPack(`the file ${path} is not as generate wrote it`);
    return [{ place, text, kind: purpose }];
  });
  return { manifest, files };
}

function noPack(why: string): Error {
  return installError(
    'INSTALL_PACK',
    `this is no whole pack: ${why}; nothing was done`,
    'Make the pack anew with flexbridge generate --feed NAME --out DIR, copy the folder as it is, and give that folder.',
  );
}
