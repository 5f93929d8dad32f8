import type { Command } from 'commander';
import type { Answers } from './answers.ts';
import { QUESTIONS } from './questions.ts';

/** One for each question, and how it goes. */
export interface SetupOptions extends Answers {
  readonly config?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly addTenant?: boolean;
  readonly anyway?: boolean;
  /** False with --no-check. */
  readonly check?: boolean;
  /** False with --no-try. */
  readonly try?: boolean;
}

/** Everything that the wizard asks for can be given, so that a script needs no terminal. */
export function addSetupOptions(command: Command): Command {
  command.option('-c, --config <file>', 'configuration file to write (default: flexbridge.yaml here)');
  for (const { flag, title, choices } of QUESTIONS) {
    const words = choices === undefined ? '' : `: ${choices.map(({ value }) => value).join(', ')}`;
    command.option(flag, `${title}${words}`);
  }
  return command
    .option('--add-tenant', 'add a tenant to the configuration that is there')
    .option('--force', 'write a new configuration over the one that is there, which is kept as .bak')
    .option('--yes', 'ask nothing: take what the flags say, and the defaults')
    .option('--anyway', 'with --yes: go on where Microsoft refuses the access')
    .option('--no-check', 'do not ask Microsoft whether the access works')
    .option('--no-try', 'do not start the bridge to try the whole chain')
    .option('--dry-run', 'print what would be written, and write nothing')
    .option('--json', 'print the result as JSON (asks nothing)');
}
