import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ConnectorHome } from './connector-home.ts';
import { placeIn } from './connector-home.ts';
import { installError } from './install-error.ts';
import { type PresentFile, readPresent } from './present-file.ts';

/** What install has put where; kept beside the parser file. */
export const RECORD_PATH = 'user/agent/flexagent/.flexbridge-install.json';

/** The connector's store of trusted certificates (flexconnector 6; no public source). */
export const KEYSTORE_PATH = 'jre/lib/security/cacerts';

const KEPT_SUFFIX = String.raw`\.before-flexbridge-\d{8}T\d{9}Z`;
const NAME = '[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}';
const FLEXAGENT = `user/agent/flexagent/${NAME}`;
const CATEGORIZER = String.raw`user/agent/acp/categorizer/current/[a-z0-9_]{1,100}/[a-z0-9_]{1,100}\.csv`;

/** The only places install writes to; a record or a manifest that names another one is refused. */
const PLACE = new RegExp(`^(?:${FLEXAGENT}|${CATEGORIZER})$`);

/** Whether a file may be put there, relative to the home, with `/`. */
export function isPlace(path: string): boolean {
  return PLACE.test(path);
}

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });

const RecordSchema = Type.Object({
  version: Type.Literal(1),
  files: Type.Array(
    Type.Object({
      path: Type.String({ pattern: PLACE.source }),
      /** Of what install wrote. */
      sha256: Sha256,
      /** Copies of what was replaced, the oldest first; `own`: install itself had written that. */
      kept: Type.Array(
        Type.Object({
          path: Type.String({ pattern: `^(?:${FLEXAGENT}|${CATEGORIZER})${KEPT_SUFFIX}$` }),
          sha256: Sha256,
          own: Type.Boolean(),
        }),
      ),
    }),
  ),
  /** Made by install; relative to the home. */
  folders: Type.Array(Type.String({ pattern: '^user/agent/[A-Za-z0-9_/-]{1,300}$' })),
  /** Imported by install into `KEYSTORE_PATH`. */
  certificates: Type.Array(
    Type.Object({
      alias: Type.String({ pattern: '^flexbridge-[0-9a-f]{8}$' }),
      /** Copy of the store as it was. */
      kept: Type.String({ pattern: `^${KEYSTORE_PATH}${KEPT_SUFFIX}$` }),
      keptSha256: Sha256,
    }),
  ),
});

export type InstallRecord = Static<typeof RecordSchema>;
export type RecordedFile = InstallRecord['files'][number];
export type RecordedCertificate = InstallRecord['certificates'][number];

export const EMPTY_RECORD: InstallRecord = { version: 1, files: [], folders: [], certificates: [] };

/**
 * The record of this home, empty where there is none.
 * @throws BridgeError INSTALL_RECORD where it was damaged, or names places that install never writes to
 */
export async function readRecord(home: ConnectorHome): Promise<{ file: PresentFile | null; record: InstallRecord }> {
  const path = placeIn(home, RECORD_PATH);
  const file = await readPresent(path);
  if (file === null) return { file, record: EMPTY_RECORD };
  const value = parseJson(file.bytes);
  if (Value.Check(RecordSchema, value) && value.files.every(isCoherent)) return { file, record: value };
  throw installError(
    'INSTALL_RECORD',
    `${path} is not as install wrote it; nothing was done`,
    'Put it back from a backup of the connector. Without it, rename it: install then takes what it finds for files of others, and keeps a copy of each.',
  );
}

export function recordText(record: InstallRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

export function isEmptyRecord({ files, certificates }: InstallRecord): boolean {
  return files.length === 0 && certificates.length === 0;
}

/** The name under which a replaced file is kept, of the time in epoch ms. */
export function keptPath(path: string, nowMs: number): string {
  return `${path}.before-flexbridge-${new Date(nowMs).toISOString().replaceAll(/[-:.]/g, '')}`;
}

/** A copy is kept beside its file, and nowhere else. */
function isCoherent({ path, kept }: RecordedFile): boolean {
  return kept.every((copy) => copy.path.startsWith(`${path}.before-flexbridge-`));
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
