import { fstatSync, readSync } from 'node:fs';

/** The committed part of a write-ahead log. Format: https://sqlite.org/fileformat2.html#the_write_ahead_log */
export interface LogFrames {
  readonly pageSize: number;
  /** Pages of the database after its last commit. */
  readonly pages: number;
  /** Where in the log the newest content of a page begins. */
  readonly offsets: ReadonlyMap<number, number>;
}

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** The last bit says in which order the checksums take bytes. */
const MAGIC = 0x377f0682;

/** Null when nothing in it is committed. */
export function readLog(log: number): LogFrames | null {
  const header = Buffer.alloc(HEADER_BYTES);
  if (readSync(log, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return null;
  const magic = header.readUInt32BE(0);
  if ((magic & ~1) !== MAGIC) return null;
  const isBigEndian = (magic & 1) === 1;
  const pageSize = header.readUInt32BE(8);
  const salt = header.subarray(16, 24);
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + pageSize);
  const size = fstatSync(log).size;
  let sum = checksum(header.subarray(0, 24), [0, 0], isBigEndian);
  if (!isSum(header.subarray(24, 32), sum)) return null;
  const offsets = new Map<number, number>();
  const uncommitted = new Map<number, number>();
  let pages = 0;
  for (let offset = HEADER_BYTES; offset + frame.length <= size; offset += frame.length) {
    readSync(log, frame, 0, frame.length, offset);
    sum = checksum(frame.subarray(0, 8), sum, isBigEndian);
    sum = checksum(frame.subarray(FRAME_HEADER_BYTES), sum, isBigEndian);
    // What follows was written before the log was begun anew, or is damaged.
    if (!frame.subarray(8, 16).equals(salt) || !isSum(frame.subarray(16, 24), sum)) break;
    uncommitted.set(frame.readUInt32BE(0), offset + FRAME_HEADER_BYTES);
    const afterCommit = frame.readUInt32BE(4);
    if (afterCommit === 0) continue;
    for (const [page, at] of uncommitted) offsets.set(page, at);
    uncommitted.clear();
    pages = afterCommit;
  }
  return pages === 0 ? null : { pageSize, pages, offsets };
}

type Sum = readonly [number, number];

function checksum(bytes: Buffer, [start0, start1]: Sum, isBigEndian: boolean): Sum {
  let [s0, s1] = [start0, start1];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    s0 = (s0 + (isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + s1) >>> 0;
    s1 = (s1 + (isBigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + s0) >>> 0;
  }
  return [s0, s1];
}

function isSum(stored: Buffer, [s0, s1]: Sum): boolean {
  return stored.readUInt32BE(0) === s0 && stored.readUInt32BE(4) === s1;
}
