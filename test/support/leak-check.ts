/** Something that must not be shown anywhere. `what` names it in a report, which never quotes the text. */
export interface Hidden {
  readonly what: string;
  readonly text: string;
}

/** Something that people or other programs get to see. */
export interface Shown {
  readonly where: string;
  readonly text: string;
}

/** Enough of a secret to know it by: messages are cut, so a part of one counts as well. */
const PART = 16;

/** So much of a form is looked up at once. */
const HANDLE = 10;

/**
 * Which secrets show, and where: as they are, cut, as a URL or a form carries them, as JSON quotes them, in hexadecimal,
 * in base64 at any place of a longer text.
 */
export function findLeaks(hidden: readonly Hidden[], shown: readonly Shown[]): readonly string[] {
  const forms = new Map<string, string>();
  for (const { what, text } of hidden) for (const form of formsOf(text)) forms.set(form, what);
  const short = [...forms.keys()].filter((form) => form.length < HANDLE);
  const long = new Map<string, string[]>();
  for (const form of forms.keys()) {
    const handle = form.slice(0, HANDLE);
    if (form.length >= HANDLE) long.set(handle, [...(long.get(handle) ?? []), form]);
  }
  const leaks = shown.flatMap(({ where, text }) => {
    const found = short.filter((form) => text.includes(form));
    for (let at = 0; at + HANDLE <= text.length; at += 1)
      for (const form of long.get(text.slice(at, at + HANDLE)) ?? []) if (text.startsWith(form, at)) found.push(form);
    return found.map((form) => `${forms.get(form)} in ${where}`);
  });
  return [...new Set(leaks)];
}

function formsOf(secret: string): readonly string[] {
  const parts = piecesOf(secret).flatMap((piece) => [piece.slice(0, PART), piece.slice(-PART)]);
  const forms = [...new Set(parts)].flatMap((part) => [
    part,
    encodeURIComponent(part),
    new URLSearchParams({ '': part }).toString().slice(1),
    JSON.stringify(part).slice(1, -1),
    Buffer.from(part).toString('hex'),
    ...[0, 1, 2].flatMap((shift) => [inBase64(part, shift, 'base64'), inBase64(part, shift, 'base64url')]),
  ]);
  return [...new Set(forms)];
}

/** Lines of a PEM block, parts of a JWT, or the text itself. */
function piecesOf(secret: string): readonly string[] {
  const pieces = secret.split(/[\r\n.]+/).filter((piece) => piece.length >= PART && !piece.startsWith('-----'));
  return pieces.length === 0 ? [secret] : pieces;
}

/** How base64 shows the text behind `shift` other bytes: without the digits that its neighbours have a share in. */
function inBase64(text: string, shift: number, encoding: 'base64' | 'base64url'): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]);
  const whole = bytes.subarray(0, Math.floor(bytes.length / 3) * 3).toString(encoding);
  return whole.slice(Math.ceil((shift * 4) / 3));
}
