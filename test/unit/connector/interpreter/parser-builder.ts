import { type InterpretOptions, interpret } from '../../../../src/connector/interpreter/interpret.ts';
import { loadParser } from '../../../../src/connector/interpreter/load-parser.ts';

interface Token {
  readonly name: string;
  readonly type?: string;
  readonly location?: string;
  readonly format?: string;
}

/** A parser file of these tokens; further lines as they stand. */
export function parser(tokens: readonly (string | Token)[], ...lines: readonly string[]) {
  const rows = tokens.map((token) => (typeof token === 'string' ? { name: token } : token));
  const text = [
    ...(lines.some((line) => line.startsWith('trigger')) ? [] : ['trigger.node.location=/']),
    `token.count=${rows.length}`,
    ...rows.flatMap(({ name, type = 'String', location = name, format }, index) => [
      `token[${index}].name=${name}`,
      `token[${index}].type=${type}`,
      `token[${index}].location=${location}`,
      ...(format === undefined ? [] : [`token[${index}].format=${format}`]),
    ]),
    ...lines,
  ].join('\n');
  return loadParser(Buffer.from(text, 'latin1')).definition;
}

/** The document goes through JSON text, as from a feed. */
export function run(definition: ReturnType<typeof parser>, document: unknown, options?: InterpretOptions) {
  return interpret(definition, JSON.stringify(document), options);
}
