import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PLACEHOLDERS } from '../connector/client-file.ts';
import { type WizardSettings, wizardAnswers } from '../connector/guide/wizard-answers.ts';
import { type ConnectorHome, findConnectorHome } from '../connector/install/connector-home.ts';
import { installError } from '../connector/install/install-error.ts';
import { type InstallOutcome, installPack } from '../connector/install/install-pack.ts';
import { uninstallPack } from '../connector/install/uninstall-pack.ts';
import { systemClock } from '../domain/clock.ts';
import type { Console } from './console.ts';
import { installText, isDone, uninstallText, wizardText } from './install-report.ts';
import { type PackChoice, packToInstall } from './install-source.ts';
import { notePack } from './pack-notes.ts';

export interface InstallOptions extends PackChoice {
  readonly arcsightHome: string;
  readonly uninstall?: boolean;
  /** False with --no-certificate. */
  readonly certificate: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Puts a pack into a connector's folder, or takes it out; exit code 1 where the certificate could not be settled. */
export async function install(options: InstallOptions, console: Console): Promise<number> {
  const home = await findConnectorHome(resolve(console.cwd, options.arcsightHome));
  if (!options.uninstall) return putIn(home, options, console);
  requireNoChoice(options);
  return takeOut(home, options, console);
}

async function putIn(home: ConnectorHome, options: InstallOptions, console: Console): Promise<number> {
  const dryRun = options.dryRun === true;
  const { files, wizard, dataDir } = await packToInstall(options, console.cwd);
  const outcome = await installPack({ home, files, trust: options.certificate, dryRun, nowMs: systemClock.now() });
  if (dataDir !== null && !dryRun) {
    const { feed, login } = wizard;
    await notePack(dataDir, { feed, folder: home.root, connector: login.connector, writtenMs: systemClock.now() });
  }
  const answers = wizardAnswers(wizard);
  if (options.json) {
    const restart = !dryRun && !isDone(outcome);
    printJson(console, { action: 'install', dryRun, home: home.root, ...outcome, wizard: answers, restart });
  } else {
    console.out(`${home.root}\n${installText(outcome, dryRun)}`);
    if (options.certificate && outcome.certificate === null) console.out(NO_CERTIFICATE);
    console.out(wizardText(answers, home.root));
    if (!dryRun && (await lacksSecret(home, wizard))) console.out(secretMissing(wizard.feed));
    if (!dryRun) console.out(`\n${nextText(outcome)}`);
  }
  return outcome.certificate?.state === 'failed' ? 1 : 0;
}

/** Who names one feed must not lose the files of all. */
function requireNoChoice({ feed, connector, pack }: InstallOptions): void {
  if (feed === undefined && connector === undefined && pack === undefined) return;
  throw installError(
    'INSTALL_USE',
    '--uninstall takes out what install put there for every feed, so --feed, --connector and --pack do not go with it',
    'Leave them out. To take out one feed of several, remove its files by hand.',
  );
}

async function takeOut(home: ConnectorHome, options: InstallOptions, console: Console): Promise<number> {
  const dryRun = options.dryRun === true;
  const outcome = await uninstallPack({ home, trust: options.certificate, dryRun });
  const isEmpty = outcome.files.length === 0 && outcome.certificates.length === 0;
  if (options.json) {
    printJson(console, { action: 'uninstall', dryRun, home: home.root, ...outcome, restart: !dryRun && !isEmpty });
  } else {
    console.out(`${home.root}\n${uninstallText(outcome, dryRun)}`);
    if (!dryRun && !isEmpty) console.out(RESTART);
  }
  return outcome.certificates.some(({ state }) => state === 'failed') ? 1 : 0;
}

const NO_CERTIFICATE =
  'The pack has no CA certificate: the bridge serves one of your organisation, or had not been started yet (see INSTALL.md, step 4).\n';

/** Whether the client file of an OAuth2 login that was just put in place still waits for its client secret. */
async function lacksSecret(home: ConnectorHome, { feed, login }: WizardSettings): Promise<boolean> {
  if (login.kind !== 'oauth2') return false;
  const text = await readFile(join(home.root, 'user', 'agent', 'flexagent', `${feed}.properties`), 'latin1');
  return text.includes(PLACEHOLDERS.clientSecret);
}

function secretMissing(feed: string): string {
  return `\n${feed}.properties has no client secret yet. Put it in place of ${PLACEHOLDERS.clientSecret}: INSTALL.md, step 2, says where it comes from.\n`;
}

const RESTART =
  'Whether the connector runs cannot be told from here. If it does, restart it: it reads these files when it starts.\n';

function nextText(outcome: InstallOutcome): string {
  return isDone(outcome)
    ? 'Is the connector not set up yet? Run its wizard with these answers.\n'
    : `Not set up yet: run the wizard with these answers. ${RESTART}`;
}

function printJson({ out }: Console, value: object): void {
  out(`${JSON.stringify(value, null, 2)}\n`);
}
