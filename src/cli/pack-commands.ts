import type { Command } from 'commander';
import { PROBE_NAMES } from '../domain/observation-probe.ts';
import { CONFIG_OPTION, type Done } from './command-options.ts';
import type { Console } from './console.ts';
import { type GenerateOptions, generate } from './generate.ts';
import { type InstallOptions, install } from './install.ts';
import { type LintOptions, lint } from './lint.ts';
import { type ObserveOptions, observeConnector } from './observe-connector.ts';
import { type PreviewOptions, preview } from './preview.ts';
import { type RehearseOptions, rehearse } from './rehearse.ts';

/** The files for ArcSight: making, checking, installing and trying them, and learning how a real connector behaves. */
export function addPackCommands(program: Command, console: Console, done: Done): void {
  program
    .command('generate')
    .description('write the pack for ArcSight: parser, client file, categorizer, CA certificate, INSTALL.md, manifest')
    .option(...CONFIG_OPTION)
    .requiredOption('--feed <name>', 'feed to generate for')
    .option('--out <folder>', 'folder to write to, or with --check to compare with')
    .option('--zip <file>', 'write one zip file in place of a folder')
    .option('--connector <name>', 'connector whose login INSTALL.md is for (default: the first one of the feed)')
    .option('--check [folder]', 'compare instead of writing; exit 1 when a file differs')
    .option('--json', 'with --check: print the comparison as JSON')
    .action(async (options: GenerateOptions) => {
      done(await generate(options, console));
    });
  program
    .command('preview')
    .description("show what ArcSight makes of a payload of any of Microsoft's three APIs")
    .option(...CONFIG_OPTION)
    .requiredOption('-i, --input <file>', 'an OData answer, a list of alerts or detections, or one, as JSON')
    .option('--feed <name>', 'with the settings of this feed of the configuration')
    .option('--feed-json', "print the feed's JSON array")
    .option('--ndjson', 'print the ArcSight events, one JSON object a line')
    .option('--cef', 'print CEF lines')
    .option('--layout <layout>', 'microsoft or esm (default: that of the feed, else microsoft)')
    .action(async (options: PreviewOptions) => {
      done(await preview(options, console));
    });
  program
    .command('lint')
    .description('read a parser file as the connector would, and say what is wrong with it')
    .argument('<file>', 'a .jsonparser.properties file')
    .option('--json', 'print the notes as JSON')
    .action(async (file: string, options: LintOptions) => {
      done(await lint(file, options, console));
    });
  program
    .command('install')
    .description("put the pack into a connector's folder on this machine, and say what to answer in its wizard")
    .option(...CONFIG_OPTION)
    .requiredOption('--arcsight-home <folder>', "the connector's install folder, `current` included")
    .option('--feed <name>', 'feed whose pack is made (default: the only one)')
    .option('--pack <folder>', 'a pack that generate has written, in place of one made now')
    .option('--connector <name>', 'connector whose login the wizard answers are for')
    .option('--uninstall', 'take out what install put there, and put back what it kept')
    .option('--no-certificate', "leave the connector's certificates alone")
    .option('--dry-run', 'say what would be done; change nothing')
    .option('--json', 'print it as JSON')
    .action(async (options: InstallOptions) => {
      done(await install(options, console));
    });
  program
    .command('rehearse')
    .description('poll the bridge as a connector would that has nothing but the files of a pack')
    .requiredOption('--pack <folder>', 'folder of the pack, with the client file filled in where it is OAuth2')
    .option('--user <name>', 'Basic: user name (default: the one that INSTALL.md names)')
    .option('--secret-file <file>', 'file with the password, the URL key or the refresh token; - reads standard input')
    .option('--certificate <file>', 'mutual TLS: PEM file of the client certificate')
    .option('--key <file>', 'mutual TLS: PEM file of its key (default: that of the certificate)')
    .option('--polls <n>', 'with --take: how often to poll', '3')
    .option('--take', 'really take events: what is received counts as delivered (default: look only)')
    .option('--json', 'print the report as JSON')
    .action(async (options: RehearseOptions) => {
      done(await rehearse(options, console));
    });
  program
    .command('observe')
    .description('record what a connector really sends, and say what that proves and which settings follow')
    .option(...CONFIG_OPTION)
    .requiredOption('--connector <name>', 'connector to watch')
    .option('--for <duration>', 'how long to watch', '15m')
    .option('--probe <names>', `answer some polls in chosen ways: ${PROBE_NAMES.join(',')} (or all)`)
    .option('--report', 'print what was recorded so far, without watching')
    .option('--json', 'print the record as JSON')
    .action(async (options: ObserveOptions) => {
      done(await observeConnector(options, console));
    });
}
