/** A CEF line as its receiver reads it. */
export interface CefLine {
  /** Vendor, product, version, event class, name, severity. */
  readonly header: readonly string[];
  readonly extension: ReadonlyMap<string, string>;
}

/**
 * Reads one line by the escaping rules of the CEF standard and nothing else: in the header a backslash stands before a
 * backslash or a pipe, in the extension before a backslash, an equals sign, or the letters n and r for the two line ends.
 * A key is the last word before an equals sign that no backslash stands before. Throws for what no rule covers.
 */
export function readCef(line: string): CefLine {
  if (/[\r\n]/.test(line)) throw new Error('a line end inside the line');
  const [version = '', ...rest] = headerParts(line);
  if (version !== 'CEF:0') throw new Error(`no CEF line: ${version}`);
  const extension = rest.pop() ?? '';
  if (rest.length !== 6) throw new Error(`${rest.length} header fields`);
  return { header: rest.map((part) => unescaped(part, { '\\': '\\', '|': '|' })), extension: readExtension(extension) };
}

/** The first seven pipes that are not escaped end a field each. */
function headerParts(line: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < line.length && parts.length < 7; at += 1) {
    if (line[at] === '\\') at += 1;
    else if (line[at] === '|') {
      parts.push(line.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, line.slice(start)];
}

function readExtension(text: string): ReadonlyMap<string, string> {
  const equals = placesOfEquals(text);
  const keys = equals.map((at) => {
    const start = text.lastIndexOf(' ', at) + 1;
    return { start, name: text.slice(start, at), valueFrom: at + 1 };
  });
  const found = new Map<string, string>();
  for (const [index, { name, valueFrom }] of keys.entries()) {
    const next = keys[index + 1];
    const value = next === undefined ? text.slice(valueFrom) : text.slice(valueFrom, next.start - 1);
    if (!/^[\w.,-]+$/.test(name)) throw new Error(`no key: ${JSON.stringify(name)}`);
    if (found.has(name)) throw new Error(`the key ${name} twice`);
    found.set(name, unescaped(value, { '\\': '\\', '=': '=', n: '\n', r: '\r' }));
  }
  return found;
}

function placesOfEquals(text: string): readonly number[] {
  const places: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '=') places.push(at);
  }
  return places;
}

function unescaped(text: string, meanings: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\\([\s\S]?)/g, (_, char: string) => {
    const meaning = meanings[char];
    if (meaning === undefined) throw new Error(`a backslash before ${JSON.stringify(char)}`);
    return meaning;
  });
}
