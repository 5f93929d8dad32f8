import { createHash } from 'node:crypto';
import { PLACEHOLDERS } from './client-file.ts';
import { MANIFEST_FILE, type Manifest, type ManifestFile } from './manifest.ts';
import type { PackProblem } from './pack-problem.ts';

/** A file of a pack as it was found. */
export interface FoundFile {
  readonly entry: ManifestFile;
  readonly bytes: Buffer;
}

const AS_PROPERTIES = new Set(['parser', 'client']);

/** Java reads bytes as ISO-8859-1, and a byte order mark as part of the first key (flexconnector 4). */
export function formProblems({ entry: { path, purpose }, bytes }: FoundFile): readonly PackProblem[] {
  if (!AS_PROPERTIES.has(purpose)) return [];
  const remedy = `Copy ${path} again as a binary file; an editor or a transfer has changed it.`;
  const problem = (code: string, message: string): PackProblem => ({
    level: 'error',
    code,
    file: path,
    message,
    remedy,
  });
  const hasMark = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]));
  return [
    ...(hasMark
      ? [problem('BYTE_ORDER_MARK', 'begins with a byte order mark, which Java reads as part of the first line')]
      : []),
    ...(bytes.subarray(hasMark ? 3 : 0).some((byte) => byte > 0x7e)
      ? [problem('NOT_ASCII', 'is not plain ASCII: Java reads each byte as one character')]
      : []),
    ...(bytes.includes('\r')
      ? [problem('LINE_ENDS', 'has line ends of Windows (CR LF) or stray CR; it was written with LF')]
      : []),
  ];
}

/** An edited file. A client id and secret that were filled in are no edit, nor is a client file that nothing reads. */
export function hashProblems({ entry, bytes }: FoundFile, { login }: Manifest): readonly PackProblem[] {
  const { path, purpose, sha256 } = entry;
  if (purpose === 'client' && login.kind !== 'oauth2') return [];
  if (digest(bytes) === sha256 || (purpose === 'client' && unfilled(bytes).some((text) => digest(text) === sha256)))
    return [];
  const level = purpose === 'guide' || purpose === 'client' ? 'warning' : 'error';
  const message = `was changed since the pack was made: its SHA-256 is not the one of ${MANIFEST_FILE}`;
  const remedy = `Put the file of the pack back, or make the pack anew. What differs: flexbridge generate --feed NAME --check DIR.`;
  return [{ level, code: 'FILE_CHANGED', file: path, message, remedy }];
}

/** The client file as it was before its secret, or also its id, was filled in. */
function unfilled(bytes: Buffer): readonly string[] {
  const noSecret = bytes
    .toString('latin1')
    .replace(/^client_secret=.*$/m, `client_secret=${PLACEHOLDERS.clientSecret}`);
  return [noSecret, noSecret.replace(/^client_id=.*$/m, `client_id=${PLACEHOLDERS.clientId}`)];
}

function digest(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}
