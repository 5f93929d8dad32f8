import type { Command } from 'commander';

/** Everything that the wizard asks for can be given, so that a script needs no terminal. */
export function addSetupOptions(command: Command): Command {
  return command;
}
