import { type PackFile, readDeployed } from './bundle.ts';
import { PLACEHOLDERS } from './client-file.ts';
import { mergeClientFile } from './install/merge-client-file.ts';
import { readProperties } from './interpreter/properties-reader.ts';

/**
 * The pack as it is to be written over the one in `dir`: a client file that was filled in for the same login keeps its
 * client id and secret, which nobody can be shown again. Null where there is nothing to keep.
 * @throws BridgeError PROPERTIES_MALFORMED where Java would refuse the present client file, PACK_UNREADABLE
 */
export async function keepSecret(
  dir: string,
  files: readonly PackFile[],
  clientPath: string,
): Promise<{ readonly files: readonly PackFile[]; readonly path: string } | null> {
  const generated = files.find(({ path }) => path === clientPath);
  const text = generated === undefined ? null : await readDeployed(dir, clientPath);
  if (generated === undefined || text === null) return null;
  const present = Buffer.from(text, 'utf8');
  if (!isSameLogin(present, Buffer.from(generated.text, 'utf8'))) return null;
  const merged = mergeClientFile(present, generated.text);
  if (merged.kind === 'generated') return null;
  const others = files.filter(({ path }) => path !== clientPath);
  return {
    path: clientPath,
    files: merged.kind === 'same' ? others : [...others, { path: clientPath, text: merged.text, mode: 0o600 }],
  };
}

function isSameLogin(present: Buffer, generated: Buffer): boolean {
  const [before, now] = [present, generated].map((bytes) => readProperties(bytes).values.get('client_id'));
  return now === before || now === PLACEHOLDERS.clientId;
}
