import type { Command } from 'commander';
import { type BackupOptions, backup } from './backup.ts';
import { CONFIG_OPTION, type Done } from './command-options.ts';
import type { Console } from './console.ts';
import { type MigrateOptions, migrate } from './migrate.ts';
import { type RestoreOptions, restore } from './restore.ts';

/** The database as a whole. */
export function addStoreCommands(program: Command, console: Console, done: Done): void {
  program
    .command('backup')
    .description('copy the store into one file, while the bridge runs')
    .option(...CONFIG_OPTION)
    .requiredOption('--out <path>', 'file to write, or a folder to make one in')
    .option('--force', 'replace a file of that name, once the new one is complete')
    .option('--no-tls', 'leave out the certificate that FlexBridge made, with its keys')
    .option('--json', 'print what it holds as JSON')
    .action(async (options: BackupOptions) => {
      done(await backup(options, console));
    });
  program
    .command('restore')
    .description('put a backup in the place of the store, which is kept under another name; serve must not run')
    .argument('<file>', 'what backup made, or a copy of the event database')
    .option(...CONFIG_OPTION)
    .option('--check', 'look through the file and say what it holds; change nothing')
    .option('--all', 'put back logins and certificate too where there are some already')
    .option('--yes', 'do not ask')
    .option('--json', 'print the result as JSON')
    .action(async (file: string, options: RestoreOptions) => {
      done(await restore(file, options, console));
    });
  program
    .command('migrate')
    .description('bring the database to the schema of this version, after a backup of it, as serve does')
    .option(...CONFIG_OPTION)
    .option('--check', 'say what would be done; change nothing')
    .option('--no-backup', 'make no copy before: there is one elsewhere')
    .option('--json', 'print the result as JSON')
    .action(async (options: MigrateOptions) => {
      done(await migrate(options, console));
    });
}
