import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../domain/clock.ts';
import { BridgeError } from '../../domain/errors.ts';
import { runningInstance } from '../../store/instance-lock.ts';
import { account } from '../account.ts';
import type { Console } from '../console.ts';
import type { Place } from './answers.ts';
import type { StartBridge } from './child-bridge.ts';
import { checkLogin, type IssuedLogin, issueLogin } from './issue-login.ts';
import type { Plan } from './plan.ts';
import type { Voice } from './prompter.ts';
import { composeFile, type Installation, SERVICE_USER, systemdUnit } from './service-file.ts';
import { type WrittenPack, writeSetupPack } from './setup-pack.ts';
import { type ChainTried, tryChain } from './try-chain.ts';
import { type NewFile, type WrittenFile, writeFiles } from './write-files.ts';

/** What was done. */
export interface CarriedOut {
  readonly written: readonly WrittenFile[];
  /** Null where a tenant was added: the connectors keep their files. */
  readonly login: IssuedLogin | null;
  readonly pack: WrittenPack | null;
  /** Null: not tried. */
  readonly chain: ChainTried | null;
  /** Pid of a bridge that runs on this data already; it is not started a second time. */
  readonly running: number | null;
}

export interface CarryOutDeps {
  readonly place: Place;
  readonly console: Console;
  readonly voice: Voice;
  readonly start: StartBridge;
  readonly signal: AbortSignal;
  readonly tries: boolean;
}

const PROGRAM = fileURLToPath(new URL('../../../', import.meta.url));
const UNIT_TEMPLATE = join(PROGRAM, 'docs', 'systemd', 'flexbridge.service');

/** The files of a plan: secrets for their owner only, the configuration for its group too. @throws BridgeError SETUP_SERVICE */
export function plannedFiles(plan: Plan): readonly NewFile[] {
  const { draft, target, yaml, secretFile } = plan;
  const folder = dirname(target.file);
  const secret = draft.secret?.reveal() ?? '';
  return [
    ...(secretFile === null ? [] : [{ path: join(folder, secretFile), text: `${secret}\n`, mode: 0o600 }]),
    { path: target.file, text: yaml, mode: 0o640 },
    ...serviceFiles(plan),
  ];
}

/** @throws BridgeError SETUP_RUNNING, LOGIN_USE, SETUP_SERVICE, SETUP_UNWRITABLE before anything is changed */
export async function carryOut(plan: Plan, deps: CarryOutDeps): Promise<CarriedOut> {
  const { config, draft, target } = plan;
  const { voice, place } = deps;
  const isNew = target.existing === null;
  const running = runningInstance(config.store.path);
  if (isNew && running !== null) throw runs(running);
  if (isNew) checkLogin(config, draft.answers);
  const written = writeFiles(plannedFiles(plan));
  for (const { path, backup } of written)
    voice.say('good', `wrote ${path}${backup === null ? '' : `; the old one is ${backup}`}`);
  const packFolder = resolve(place.folder, draft.answers.pack ?? 'pack');
  const made = isNew ? await makeLoginAndPack(plan, packFolder, deps) : { login: null, pack: null };
  const chain = deps.tries && running === null ? await tryIt(plan, packFolder, made.login, deps) : null;
  return { written, ...made, chain, running };
}

async function makeLoginAndPack({ config, draft }: Plan, packFolder: string, { console, voice }: CarryOutDeps) {
  const [feed] = config.feeds;
  const { answers } = draft;
  const login = await issueLogin({ config, answers, packFolder, console, nowMs: systemClock.now() });
  if (feed === undefined) return { login, pack: null };
  const pack = await writeSetupPack(config, feed, packFolder, login);
  voice.say('good', `wrote the files for ArcSight into ${packFolder}`);
  return { login, pack };
}

function tryIt(
  { config, target }: Plan,
  packFolder: string,
  login: IssuedLogin | null,
  { place, start, signal, voice }: CarryOutDeps,
): Promise<ChainTried> {
  voice.say('step', 'Starting the bridge to try the whole chain ...');
  return tryChain({
    config,
    configFile: target.file,
    env: place.env.rest,
    packFolder,
    login: login?.rehearsal ?? null,
    start,
    signal,
    onStep: (text) => {
      voice.say('step', text);
    },
  });
}

function serviceFiles(plan: Plan): readonly NewFile[] {
  const { config, target } = plan;
  const { answers } = plan.draft;
  const folder = dirname(target.file);
  const installation: Installation = {
    node: process.execPath,
    main: join(PROGRAM, 'dist', 'main.js'),
    configFile: target.file,
    dataDir: config.dataDir,
    user: serviceUser(),
  };
  if (answers.service === 'systemd') {
    const text = systemdUnit(readTemplate(), installation, config.server.port);
    return [{ path: join(folder, 'flexbridge.service'), text, mode: 0o644 }];
  }
  if (answers.service !== 'compose') return [];
  const text = composeFile(installation, PROGRAM, mounts(plan), answers);
  return [{ path: join(folder, 'flexbridge.compose.yaml'), text, mode: 0o644 }];
}

/** What the configuration names, at the same place beside it in the container. */
function mounts({ draft: { answers }, target, secretFile }: Plan): readonly string[] {
  const { clientSecretFile, caFile, clientCertificate, clientKey, passphraseFile, serverCertificate, serverKey } =
    answers;
  const secret = secretFile ?? clientSecretFile;
  const named = [secret, caFile, clientCertificate, clientKey, passphraseFile, serverCertificate, serverKey];
  const paths = named.filter((path) => path !== undefined && path !== '');
  return [...new Set(paths)].map((path = '') => {
    return `${resolve(dirname(target.file), path)}:${resolve('/etc/flexbridge', path)}:ro`;
  });
}

/** A service should not be root's; whoever else sets it up runs it. */
export function serviceUser(): string {
  const user = account();
  return user === 'root' ? SERVICE_USER : user;
}

function readTemplate(): string {
  try {
    return readFileSync(UNIT_TEMPLATE, 'utf8');
  } catch (cause) {
    throw new BridgeError({
      code: 'SETUP_SERVICE',
      kind: 'operator',
      message: `the template of the unit is not there: ${UNIT_TEMPLATE}`,
      hint: 'Leave the unit out (--service none). In a container, the container engine starts the bridge.',
      cause,
    });
  }
}

function runs(pid: number): BridgeError {
  return new BridgeError({
    code: 'SETUP_RUNNING',
    kind: 'operator',
    message: `a bridge runs on this data folder (pid ${pid}), and a new configuration would not fit it`,
    hint: 'Stop it first, or add a tenant to its configuration: flexbridge setup --add-tenant. Nothing was written.',
  });
}
