import { BridgeError } from '../domain/errors.ts';
import { brokenJson, LONGEST_ANSWER, webPage } from './answer-error.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const LESS_THAN = 0x3c;
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const BYTE_ORDER_MARK: ReadonlySet<number> = new Set([0xef, 0xbb, 0xbf]);

export interface JsonSplitter {
  /** What the answer is; null before its first character. A bare object counts as one element. */
  readonly form: 'list' | 'object' | null;
  /** The elements that are complete with this piece. */
  push(piece: Uint8Array): readonly unknown[];
  /** To be called at the end: throws when the answer is not complete. */
  end(): void;
}

/**
 * Cuts a JSON array into its elements while it arrives, so that never more than one element and one piece are held.
 * Only strings and brackets are followed here; each element is parsed by JSON.parse, which finds whatever else is wrong.
 * Throws UPSTREAM_BAD_JSON, UPSTREAM_NOT_JSON, RESPONSE_TOO_LARGE.
 */
export function createJsonSplitter({ host, maxBytes }: { host: string; maxBytes: number }): JsonSplitter {
  let form: JsonSplitter['form'] = null;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let finished = false;
  let elements = 0;
  /** The present element as far as it came in earlier pieces. */
  let held: Uint8Array[] = [];
  let heldBytes = 0;

  function hold(part: Uint8Array): void {
    heldBytes += part.length;
    if (part.length > 0) held.push(part);
    if (heldBytes > maxBytes) throw tooLarge(host, maxBytes, held);
  }

  function take(last: Uint8Array): string {
    if (heldBytes + last.length > maxBytes) throw tooLarge(host, maxBytes, [...held, last]);
    const text = new TextDecoder().decode(held.length === 0 ? last : Buffer.concat([...held, last]));
    held = [];
    heldBytes = 0;
    return text;
  }

  function parse(text: string): unknown {
    try {
      elements += 1;
      return JSON.parse(text);
    } catch {
      throw brokenJson(host, text);
    }
  }

  /** The first character decides what the answer is. */
  function begin(byte: number, piece: Uint8Array): void {
    if (byte === LESS_THAN) throw webPage(host);
    if (byte !== OPEN_LIST && byte !== OPEN_OBJECT) throw brokenJson(host, new TextDecoder().decode(piece));
    form = byte === OPEN_LIST ? 'list' : 'object';
    depth = 1;
  }

  /** Index of the quote that ends the string, or the piece's length. */
  function skipString(piece: Uint8Array, from: number): number {
    for (let index = from; index < piece.length; index += 1) {
      const byte = piece[index];
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) {
        inString = false;
        return index;
      }
    }
    return piece.length;
  }

  /** Whether an element, or the whole answer, ends at this byte. */
  function ends(byte: number | undefined): boolean {
    if (byte === QUOTE) inString = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
    else return byte === COMMA && depth === 1 && form === 'list';
    return depth === 0;
  }

  /** Where the first element starts in this piece; its length when it does not. */
  function start(piece: Uint8Array): number {
    const at = piece.findIndex((byte) => !BLANKS.has(byte) && !BYTE_ORDER_MARK.has(byte));
    if (at < 0) return piece.length;
    begin(piece[at] ?? 0, piece);
    // The bracket of a list belongs to no element; the one of a bare object to itself.
    if (form === 'object') hold(piece.subarray(at, at + 1));
    return at + 1;
  }

  function finish(byte: number | undefined, last: Uint8Array, next: Uint8Array): readonly unknown[] {
    finished = true;
    checkRest(next);
    if (form === 'object') return [parse(take(Buffer.concat([last, Uint8Array.of(byte ?? 0)])))];
    if (byte !== CLOSE_LIST) throw brokenJson(host, take(last));
    const text = take(last);
    return text.trim() === '' && elements === 0 ? [] : [parse(text)];
  }

  function checkRest(rest: Uint8Array): void {
    if (rest.some((byte) => !BLANKS.has(byte))) throw brokenJson(host, new TextDecoder().decode(rest));
  }

  return {
    get form() {
      return form;
    },
    push(piece) {
      if (finished) {
        checkRest(piece);
        return [];
      }
      const found: unknown[] = [];
      let from = form === null ? start(piece) : 0;
      for (let index = from; index < piece.length; index += 1) {
        if (inString) index = skipString(piece, index);
        else if (ends(piece[index])) {
          const last = piece.subarray(from, index);
          from = index + 1;
          if (depth === 0) return [...found, ...finish(piece[index], last, piece.subarray(from))];
          found.push(parse(take(last)));
        }
      }
      hold(piece.subarray(from));
      return found;
    },
    end() {
      if (!finished) throw brokenJson(host, take(new Uint8Array()));
    },
  };
}

function tooLarge(host: string, maxBytes: number, held: readonly Uint8Array[]): BridgeError {
  return new BridgeError({
    code: 'RESPONSE_TOO_LARGE',
    kind: 'upstream',
    message: `${host} sent one record of more than ${maxBytes} bytes.`,
    hint: "The position did not move. Check what answers at this address: Microsoft's records are far smaller.",
    answer: new TextDecoder().decode(Buffer.concat(held).subarray(0, LONGEST_ANSWER)),
  });
}
