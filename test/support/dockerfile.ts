/** One instruction, its continuation lines joined by a blank. */
export interface Instruction {
  /** Upper case. */
  readonly keyword: string;
  readonly text: string;
}

export interface Stage {
  /** The base image, with the values of the arguments before the first stage put in. */
  readonly base: string;
  /** Empty without AS. */
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

export interface Copy {
  /** The stage that is copied from; null for the build context. */
  readonly stage: string | null;
  readonly sources: readonly string[];
  readonly target: string;
}

/** Reads a Dockerfile without heredocs: comments go, also those between continuation lines. */
export function parseDockerfile(text: string): readonly Stage[] {
  const instructions = text
    .replaceAll(/^[ \t]*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(toInstruction);
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  const values = new Map(
    textsOf(instructions.slice(0, first), 'ARG').map((text): [string, string] => {
      const [name = '', value = ''] = text.split('=');
      return [name, value];
    }),
  );
  const stages: { base: string; name: string; instructions: Instruction[] }[] = [];
  for (const instruction of instructions.slice(first)) {
    if (instruction.keyword === 'FROM') {
      const [image = '', , name = ''] = instruction.text.split(/\s+/);
      const base = image.replaceAll(/\$\{(\w+)\}/g, (_all, arg: string) => values.get(arg) ?? '');
      stages.push({ base, name, instructions: [] });
    } else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

/** The texts of all instructions of a kind. */
export function textsOf(instructions: readonly Instruction[], keyword: string): readonly string[] {
  return instructions.filter((instruction) => instruction.keyword === keyword).map(({ text }) => text);
}

/** The JSON array of an ENTRYPOINT, CMD or HEALTHCHECK CMD; throws when it is not in exec form. */
export function execForm(text: string): readonly string[] {
  const words: unknown = JSON.parse(text.slice(text.indexOf('[')));
  if (!Array.isArray(words)) throw new Error(`not in exec form: ${text}`);
  return words.map(String);
}

/** What ENV sets: `NAME=value` pairs without quotes. */
export function environmentOf({ instructions }: Stage): Record<string, string> {
  return Object.fromEntries(
    textsOf(instructions, 'ENV').flatMap((text) =>
      text.split(/\s+/).map((pair): [string, string] => {
        const at = pair.indexOf('=');
        return [pair.slice(0, at), pair.slice(at + 1)];
      }),
    ),
  );
}

export function copiesOf({ instructions }: Stage): readonly Copy[] {
  return textsOf(instructions, 'COPY').map((text) => {
    const words = text.split(/\s+/);
    const flags = words.filter((word) => word.startsWith('--'));
    const paths = words.filter((word) => !word.startsWith('--'));
    const stage = flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length) ?? null;
    return { stage, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
  });
}

function toInstruction(line: string): Instruction {
  const [, keyword = '', text = ''] = /^\s*(\w+)\s+(.*)$/.exec(line) ?? [];
  return { keyword: keyword.toUpperCase(), text: text.trim() };
}
