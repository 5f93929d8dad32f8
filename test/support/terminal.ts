/**
 * What a terminal shows of the text written to it. It knows the control sequences of our own views and throws at any other,
 * and at a line that is too long while wrapping is on.
 */
export function createTerminal(columns: number, rows: number) {
  const lines: string[] = [''];
  const size = { columns, rows };
  const cursor = { row: 0, column: 0, isVisible: true };
  let isWrapping = true;

  /** First row of the window; what is above has scrolled away. */
  const top = (): number => Math.max(lines.length - size.rows, 0);
  const eraseLineEnd = (): void => {
    lines[cursor.row] = (lines[cursor.row] ?? '').slice(0, cursor.column);
  };
  const controls = new Map<string, () => void>([
    ['K', eraseLineEnd],
    [
      'J',
      () => {
        eraseLineEnd();
        lines.splice(cursor.row + 1);
      },
    ],
    ['H', () => Object.assign(cursor, { row: top(), column: 0 })],
    ['2J', () => lines.splice(top(), Infinity, '')],
    ['?25l', () => Object.assign(cursor, { isVisible: false })],
    ['?25h', () => Object.assign(cursor, { isVisible: true })],
    ['?7l', () => (isWrapping = false)],
    ['?7h', () => (isWrapping = true)],
  ]);

  const control = (sequence: string): void => {
    const [, up] = /^(\d+)A$/.exec(sequence) ?? [];
    if (up !== undefined) cursor.row = Math.max(cursor.row - Number(up), top());
    else if (controls.has(sequence)) controls.get(sequence)?.();
    else throw new Error(`unknown control sequence ${sequence}`);
  };
  const put = (character: string): void => {
    if (character === '\r') cursor.column = 0;
    else if (character === '\n') {
      cursor.row += 1;
      if (cursor.row === lines.length) lines.push('');
    } else if (cursor.column < size.columns) {
      const line = (lines[cursor.row] ?? '').padEnd(cursor.column);
      lines[cursor.row] = line.slice(0, cursor.column) + character + line.slice(cursor.column + 1);
      cursor.column += 1;
    } else if (isWrapping) throw new Error(`a line of more than ${size.columns} columns`);
  };

  return {
    write(text: string): void {
      const [plain = '', ...controlled] = text.split('\u001b[');
      for (const character of plain) put(character);
      for (const part of controlled) {
        const [, sequence = '', rest = ''] = /^(\??\d*[A-Za-z])(.*)$/s.exec(part) ?? [];
        control(sequence);
        for (const character of rest) put(character);
      }
    },
    /** Lines that are too long for the new width are broken; the cursor has to be in the last row. */
    resize(columnsNow: number, rowsNow: number): void {
      Object.assign(size, { columns: columnsNow, rows: rowsNow });
      const pieces = new RegExp(`.{1,${columnsNow}}`, 'g');
      lines.splice(0, Infinity, ...lines.flatMap((line) => line.match(pieces) ?? ['']));
      cursor.row = lines.length - 1;
    },
    size: () => ({ ...size }),
    /** Everything, also what has scrolled away. */
    history: () => lines.map((line) => line.trimEnd()),
    cursor: () => ({ ...cursor }),
    isWrapping: () => isWrapping,
  };
}
