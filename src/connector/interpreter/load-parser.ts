import type { LintNote } from './lint-note.ts';
import { parseParserFile } from './parse-parser-file.ts';
import type { ParserDefinition } from './parser-definition.ts';
import { readProperties } from './properties-reader.ts';

/** The bytes of a `.jsonparser.properties` file. Throws BridgeError `PROPERTIES_MALFORMED` where Java refuses the file. */
export function loadParser(bytes: Uint8Array): { definition: ParserDefinition; lint: readonly LintNote[] } {
  return parseParserFile(readProperties(bytes));
}
