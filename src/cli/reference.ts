import { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { Console } from './console.ts';
import { createProgram } from './program.ts';

/** Width of a help text that does not go to a terminal. */
const WIDTH = 80;

/** Text of docs/cli.md: the `--help` of every command, as the program prints it into a file. */
export function renderCommandReference(): string {
  const program = createProgram(silent(), () => undefined);
  const overview = program.commands.map(
    (command) => `| [\`${command.name()}\`](#${command.name()}) | ${cell(command.description())} |`,
  );
  return [
    INTRO,
    ['| command | what it does |', '|---|---|', ...overview].join('\n'),
    helpOf(program),
    ...program.commands.map((command) => `## ${command.name()}\n\n${helpOf(command)}`),
  ]
    .map((part) => `${part.trim()}\n`)
    .join('\n');
}

/** Nothing is run, so nothing is said. */
function silent(): Console {
  return { out: () => undefined, err: () => undefined, input: Readable.from([]), cwd: '', isTerminal: false };
}

function helpOf(command: Command): string {
  const help = command.createHelp();
  help.prepareContext({ helpWidth: WIDTH });
  return `\`\`\`\n${help.formatHelp(command, help).trimEnd()}\n\`\`\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

const INTRO = `# Command line

Written from the tables of commands (\`src/cli/*-commands.ts\`); do not edit by hand. It is what \`--help\` prints.

In a clone of the repository a command is run as \`npm run flexbridge -- COMMAND\`: what follows the two dashes goes to
FlexBridge. \`npm run --silent flexbridge -- COMMAND\` leaves out npm's own lines, for output that goes on to a file or a
program. After \`npm run build\`, \`node dist/main.js COMMAND\` does the same.

The exit codes are in [configuration.md](configuration.md#exit-codes), which also says how \`--config\` and the environment
belong together.
`;
