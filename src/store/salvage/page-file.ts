import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { readLog } from './page-log.ts';

/**
 * The pages of a database as its file and its write-ahead log have them, read without SQLite: a file that SQLite refuses
 * as a whole still has most of its pages. Nothing is changed. Format: https://sqlite.org/fileformat2.html
 */
export interface PageFile {
  readonly pageSize: number;
  /** Pages are numbered from 1. */
  readonly count: number;
  /** False: the first page is gone, and with it the list of tables and of free pages. */
  readonly hasHeader: boolean;
  /** Null where nothing can be read. */
  page(number: number): Buffer | null;
  close(): void;
}

const MAGIC = Buffer.from('SQLite format 3\0');
/** What FlexBridge makes, for a file that does not say. */
const USUAL_PAGE_SIZE = 16_384;

export function openPages(path: string): PageFile {
  const file = openSync(path, 'r');
  const log = existsSync(`${path}-wal`) ? openSync(`${path}-wal`, 'r') : null;
  const frames = log === null ? null : readLog(log);
  const own = headerPageSize(read(file, 0, 100));
  const pageSize = own ?? frames?.pageSize ?? USUAL_PAGE_SIZE;
  const useful = frames?.pageSize === pageSize ? frames : null;
  const inFile = Math.floor(fstatSync(file).size / pageSize);
  const page = (number: number): Buffer | null => {
    const offset = useful?.offsets.get(number);
    if (offset !== undefined && log !== null) return read(log, offset, pageSize);
    return number <= inFile ? read(file, (number - 1) * pageSize, pageSize) : null;
  };
  return {
    pageSize,
    count: Math.max(inFile, useful?.pages ?? 0),
    hasHeader: headerPageSize(page(1)) !== null,
    page,
    close() {
      closeSync(file);
      if (log !== null) closeSync(log);
    },
  };
}

function headerPageSize(header: Buffer | null): number | null {
  if (header === null || !header.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const stored = header.readUInt16BE(16);
  const size = stored === 1 ? 65_536 : stored;
  return size >= 512 && (size & (size - 1)) === 0 ? size : null;
}

/** Null behind the end, and where the disk does not give the bytes. */
function read(file: number, offset: number, length: number): Buffer | null {
  const bytes = Buffer.allocUnsafe(length);
  try {
    return readSync(file, bytes, 0, length, offset) === length ? bytes : null;
  } catch {
    return null;
  }
}
