import type { PageFile } from './page-file.ts';

export type Value = null | number | string | Buffer;

/** A row as it lies on a page. `rowid` is null in a table without row ids, and in an index. */
export interface RawRow {
  readonly rowid: number | null;
  readonly values: readonly Value[];
}

export interface ParsedPage {
  readonly kind: 'table' | 'index';
  readonly isLeaf: boolean;
  readonly rows: readonly RawRow[];
  /** Rows of which too little is there. */
  readonly broken: number;
  /** Pages below an inner page. */
  readonly children: readonly number[];
  /** Pages that hold the rest of long rows. */
  readonly overflow: readonly number[];
}

/** The first byte of a page of a tree. */
const KINDS: ReadonlyMap<number, Pick<ParsedPage, 'kind' | 'isLeaf'>> = new Map([
  [0x0d, { kind: 'table', isLeaf: true }],
  [0x05, { kind: 'table', isLeaf: false }],
  [0x0a, { kind: 'index', isLeaf: true }],
  [0x02, { kind: 'index', isLeaf: false }],
]);
/** The header of the database lies before the tree on the first page. */
const FILE_HEADER_BYTES = 100;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Null for what is no page of a tree. Format: https://sqlite.org/fileformat2.html#b_tree_pages
 * @param wanted with `children` the rows are left out, which is much faster
 */
export function parsePage(file: PageFile, number: number, wanted: 'rows' | 'children' = 'rows'): ParsedPage | null {
  const page = file.page(number);
  const start = number === 1 ? FILE_HEADER_BYTES : 0;
  const kind = KINDS.get(page?.[start] ?? 0);
  if (page === null || kind === undefined) return null;
  const cells = page.readUInt16BE(start + 3);
  const pointers = start + (kind.isLeaf ? 8 : 12);
  if (pointers + 2 * cells > page.length) return null;
  const parsed = { ...kind, rows: [] as RawRow[], broken: 0, children: [] as number[], overflow: [] as number[] };
  const isNeeded = wanted === 'rows' || !kind.isLeaf;
  for (let cell = 0; isNeeded && cell < cells; cell += 1) {
    const at = page.readUInt16BE(pointers + 2 * cell);
    const isThere = at >= pointers + 2 * cells;
    if (isThere && wanted === 'children' && at + 4 <= page.length) parsed.children.push(page.readUInt32BE(at));
    else if (!isThere || !readCell(file, page, at, parsed)) parsed.broken += 1;
  }
  if (!kind.isLeaf) parsed.children.push(page.readUInt32BE(start + 8));
  return parsed;
}

type Draft = Pick<ParsedPage, 'kind' | 'isLeaf'> & {
  readonly rows: RawRow[];
  readonly children: number[];
  readonly overflow: number[];
};

/** False when the cell cannot be read. */
function readCell(file: PageFile, page: Buffer, at: number, draft: Draft): boolean {
  try {
    let next = at;
    if (!draft.isLeaf) {
      draft.children.push(page.readUInt32BE(next));
      next += 4;
      if (draft.kind === 'table') return true;
    }
    const [length, afterLength] = varint(page, next);
    next = afterLength;
    let rowid: number | null = null;
    if (draft.kind === 'table') [rowid, next] = varint(page, next);
    const payload = readPayload(file, page, next, { length, isTable: draft.kind === 'table' }, draft.overflow);
    if (payload === null) return false;
    draft.rows.push({ rowid, values: decode(payload) });
    return true;
  } catch (error) {
    // An offset or a text that cannot be.
    if (error instanceof RangeError || error instanceof TypeError) return false;
    throw error;
  }
}

/** A row that is too long for its page goes on in a chain of others. */
function readPayload(
  file: PageFile,
  page: Buffer,
  at: number,
  { length, isTable }: { readonly length: number; readonly isTable: boolean },
  overflow: number[],
): Buffer | null {
  const usable = file.pageSize;
  const most = isTable ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const spread = least + ((length - least) % (usable - 4));
  const local = length <= most ? length : spread <= most ? spread : least;
  if (at + local > page.length || length > file.count * usable) return null;
  const parts = [page.subarray(at, at + local)];
  let missing = length - local;
  let next = missing > 0 ? page.readUInt32BE(at + local) : 0;
  const chain: number[] = [];
  while (missing > 0) {
    const more = next === 0 ? null : file.page(next);
    if (more === null) return null;
    chain.push(next);
    const part = more.subarray(4, 4 + Math.min(missing, usable - 4));
    parts.push(part);
    missing -= part.length;
    next = more.readUInt32BE(0);
  }
  overflow.push(...chain);
  return Buffer.concat(parts);
}

function decode(payload: Buffer): readonly Value[] {
  const [headerEnd, first] = varint(payload, 0);
  if (headerEnd > payload.length) throw new RangeError('the header is longer than the row');
  const values: Value[] = [];
  let at = headerEnd;
  for (let next = first; next < headerEnd; ) {
    const [type, after] = varint(payload, next);
    next = after;
    const size = sizeOf(type);
    if (at + size > payload.length) throw new RangeError('a value is longer than the row');
    values.push(decodeValue(type, payload.subarray(at, at + size)));
    at += size;
  }
  return values;
}

const NUMBER_BYTES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function sizeOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  const size = NUMBER_BYTES[type];
  if (size === undefined) throw new RangeError(`there is no type ${type}`);
  return size;
}

function decodeValue(type: number, bytes: Buffer): Value {
  if (type >= 12) return type % 2 === 0 ? Buffer.from(bytes) : strictUtf8.decode(bytes);
  if (type === 0) return null;
  if (type === 7) return bytes.readDoubleBE(0);
  if (type >= 8) return type - 8;
  return bytes.length === 8 ? Number(bytes.readBigInt64BE(0)) : bytes.readIntBE(0, bytes.length);
}

/** Up to nine bytes, the high bit says that there are more; answers the number and where it ends. */
function varint(bytes: Buffer, at: number): readonly [value: number, end: number] {
  let value = 0;
  for (let read = 0; read < 9; read += 1) {
    const byte = bytes.readUInt8(at + read);
    value = read === 8 ? value * 256 + byte : value * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(value)) throw new RangeError('no number of ours is so large');
    if (byte < 0x80) return [value, at + read + 1];
  }
  return [value, at + 9];
}
