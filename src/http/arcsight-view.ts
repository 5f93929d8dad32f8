import type { PackFile } from '../connector/bundle.ts';
import { toCef } from '../connector/interpreter/cef.ts';
import { interpret } from '../connector/interpreter/interpret.ts';
import { loadParser } from '../connector/interpreter/load-parser.ts';
import { BridgeError, toBridgeError } from '../domain/errors.ts';

/** What ArcSight makes of an event of the feed. */
export type ArcsightView =
  | {
      readonly kind: 'made';
      /** Names of ArcSight, in the order of the parser file; `agentSeverity` last, then additional data. */
      readonly fields: readonly (readonly [name: string, value: string])[];
      readonly cef: string;
      /** What the parser left out or changed. */
      readonly warnings: readonly string[];
    }
  /** Why it cannot be said. */
  | { readonly kind: 'failed'; readonly message: string; readonly hint: string };

/**
 * Reads an event with the parser file of its feed's pack, as the connector would.
 * @param pack made now; a connector may still have an older one
 * @param event JSON object of the feed, with its stamp
 */
export async function arcsightView(
  feed: string,
  pack: (feed: string) => Promise<readonly PackFile[]>,
  event: string,
): Promise<ArcsightView> {
  try {
    const file = (await pack(feed)).find(({ path }) => path === `${feed}.jsonparser.properties`);
    if (file === undefined) throw noParser(feed);
    const { definition } = loadParser(Buffer.from(file.text, 'latin1'));
    const { events, warnings } = interpret(definition, `[${event}]`);
    const [made] = events;
    if (made === undefined) throw noParser(feed);
    const { fields, severity, additionalData } = made;
    return {
      kind: 'made',
      fields: [
        ...Object.entries(fields).map(([name, value]) => [name, String(value)] as const),
        ['agentSeverity', severity] as const,
        ...Object.entries(additionalData).map(([name, value]) => [`additional data: ${name}`, value] as const),
      ],
      cef: toCef(made),
      warnings: warnings.map(({ message }) => message),
    };
  } catch (thrown) {
    const { kind, message, hint } = toBridgeError(thrown);
    if (kind === 'bug') throw thrown;
    return { kind: 'failed', message, hint };
  }
}

function noParser(feed: string): BridgeError {
  return new BridgeError({
    code: 'PACK_FILE_UNKNOWN',
    kind: 'operator',
    message: `the pack of the feed ${feed} has no parser file that makes an event of this`,
    hint: 'Look at the pack: flexbridge generate, or the page Downloads.',
  });
}
