import type { Command } from 'commander';
import { CONFIG_OPTION, type Done } from './command-options.ts';
import type { Console } from './console.ts';
import { type DoctorOptions, doctor } from './doctor.ts';
import { type LogLevelOptions, logLevel } from './log-level.ts';
import { addSetupOptions } from './setup/options.ts';
import { type SetupOptions, setup } from './setup/setup.ts';
import { type SupportBundleOptions, supportBundle } from './support-bundle.ts';

/** Setting the bridge up, and asking it what is wrong. */
export function addOperationsCommands(program: Command, console: Console, done: Done): void {
  addSetupOptions(
    program
      .command('setup')
      .description('set up a tenant, a feed and a connector: asks for what is missing, tries it, writes the files'),
  ).action(async (options: SetupOptions) => {
    done(await setup(options, console));
  });
  program
    .command('doctor')
    .description('say why no event arrives: tries every link of the chain, and reads what the bridge has recorded')
    .option(...CONFIG_OPTION)
    .option('--offline', 'ask nothing over the network: only what the bridge has recorded')
    .option('--pack <folder>', 'compare this pack, instead of the last one that was written on this machine')
    .option('--json', 'print the findings as JSON')
    .action(async (options: DoctorOptions) => {
      done(await doctor(options, console));
    });
  program
    .command('support-bundle')
    .description('write a zip with everything support needs to see, and without secrets and alert text')
    .option(...CONFIG_OPTION)
    .option('--out <file>', 'where to write it (default: flexbridge-support-<time>.zip here)')
    .option('--log <file>', 'add the end of this log file, redacted')
    .option('--offline', 'ask nothing over the network')
    .action(async (options: SupportBundleOptions) => {
      done(await supportBundle(options, console));
    });
  program
    .command('log-level')
    .description('change what the running bridge logs, without a restart')
    .argument('<level>', 'error, warn, info or debug')
    .option(...CONFIG_OPTION)
    .option('--for <duration>', 'go back by itself after this time, for example 15m')
    .action(async (level: string, options: LogLevelOptions) => {
      done(await logLevel(level, options, console));
    });
}
