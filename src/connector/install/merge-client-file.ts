import { PLACEHOLDERS } from '../client-file.ts';
import { readProperties } from '../interpreter/properties-reader.ts';
import { BLANK, comment, entry, writeProperties } from '../properties-text.ts';

/** What only the administrator has: never taken from the pack where the installed file has it. */
const KEPT_KEYS = ['client_id', 'client_secret'] as const;

export type MergedClientFile =
  /** No real secret in the installed file, or none installed: the pack's file as it is. */
  | { readonly kind: 'generated'; readonly text: string }
  /** Says what the pack's file would say; it stays byte for byte. */
  | { readonly kind: 'same' }
  /** The pack's file with the installed client id and secret, and with keys that only the installed one has. */
  | { readonly kind: 'merged'; readonly text: string };

/**
 * The client file as it shall be: the installed client id and secret stay, every other key gets the pack's value.
 * The connector may keep keys of its own in this file (where it stores its tokens is not known, flexconnector 3), so
 * unknown keys stay too.
 * @throws BridgeError PROPERTIES_MALFORMED where Java would refuse the installed file
 */
export function mergeClientFile(installed: Uint8Array | null, generated: string): MergedClientFile {
  if (installed === null) return { kind: 'generated', text: generated };
  const present = readProperties(installed).values;
  if (!hasRealSecret(present)) return { kind: 'generated', text: generated };
  const wanted = readProperties(Buffer.from(generated, 'latin1')).values;
  const isSame = [...wanted].every(([key, value]) => isKept(key, present) || present.get(key) === value);
  if (isSame) return { kind: 'same' };
  const values = KEPT_KEYS.flatMap((key) => {
    const value = present.get(key);
    return value === undefined || !isKept(key, present) ? [] : [{ key, value }];
  });
  const own = [...present].filter(([key]) => !wanted.has(key));
  return { kind: 'merged', text: withOwn(withValues(generated, values), own) };
}

function hasRealSecret(values: ReadonlyMap<string, string>): boolean {
  const secret = values.get('client_secret') ?? '';
  return secret !== '' && secret !== PLACEHOLDERS.clientSecret;
}

function isKept(key: string, present: ReadonlyMap<string, string>): boolean {
  if (!KEPT_KEYS.some((kept) => kept === key)) return false;
  const value = present.get(key);
  return value !== undefined && value !== '' && value !== PLACEHOLDERS.clientId;
}

/** The generated text with other values on the lines of these keys; its comments stay. */
function withValues(text: string, values: readonly { readonly key: string; readonly value: string }[]): string {
  return text
    .split('\n')
    .map((line) => {
      const other = values.find(({ key }) => line.startsWith(`${key}=`));
      return other === undefined ? line : writeProperties([entry(other.key, other.value)]).trimEnd();
    })
    .join('\n');
}

function withOwn(text: string, own: readonly (readonly [string, string])[]): string {
  if (own.length === 0) return text;
  const lines = own.map(([key, value]) => entry(key, value));
  return (
    text + writeProperties([BLANK, comment('Keys that were in the installed file and are not in the pack.'), ...lines])
  );
}
