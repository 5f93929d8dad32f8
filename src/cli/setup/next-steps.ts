import { relative } from 'node:path';
import { wizardAnswers } from '../../connector/guide/wizard-answers.ts';
import { DEFAULT_REDIRECT_URIS } from '../../domain/connector-auth.ts';
import type { Place } from './answers.ts';
import { type CarriedOut, serviceUser } from './carry-out.ts';
import type { Plan } from './plan.ts';

/** What remains to be done by hand, in its order. */
export function nextSteps(plan: Plan, done: CarriedOut, place: Place): readonly string[] {
  return [
    ...variableSteps(place),
    ...startSteps(plan, done, place),
    ...connectorSteps(plan, done),
    ...lastSteps(plan, done, place),
  ];
}

/** How the program is called here: by npm in a clone, else by its name. */
function program({ env }: Place): string {
  return env.value('npm_lifecycle_event') === 'flexbridge' ? 'npm run flexbridge --' : 'flexbridge';
}

function command(words: string, { target }: Plan, place: Place): string {
  const isDefault = target.file === `${place.folder}/flexbridge.yaml`;
  return `${program(place)} ${words}${isDefault ? '' : ` --config ${shellWord(target.file)}`}`;
}

function shellWord(text: string): string {
  return /^[\w./@:+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Beside a file with tenants, the variables of a tenant are refused. */
function variableSteps({ env }: Place): readonly string[] {
  const { tenantVariables } = env;
  return tenantVariables.length === 0 ? [] : [`The tenant stands in the file now: unset ${tenantVariables.join(' ')}`];
}

function startSteps(plan: Plan, { running }: CarriedOut, place: Place): readonly string[] {
  const { answers } = plan.draft;
  if (running !== null)
    return [
      `The bridge that runs (pid ${running}) takes the new tenant over by itself within a minute; flexbridge doctor says where it does not.`,
    ];
  const folder = shellWord(place.folder);
  if (answers.service === 'systemd') {
    const user = serviceUser();
    const unit = shellWord(`${place.folder}/flexbridge.service`);
    const isForeign = user === 'flexbridge';
    return [
      ...(isForeign
        ? [
            `sudo useradd --system --home-dir ${shellWord(plan.config.dataDir)} --shell /usr/sbin/nologin ${user}`,
            `sudo chown -R ${user}: ${ownFiles(plan).map(shellWord).join(' ')}`,
          ]
        : []),
      `sudo install -m 0644 ${unit} /etc/systemd/system/ && sudo systemctl daemon-reload`,
      'sudo systemctl enable --now flexbridge',
    ];
  }
  if (answers.service === 'compose')
    return [
      `sudo chown -R 10001:10001 ${ownFiles(plan).map(shellWord).join(' ')}`,
      `docker compose -f ${shellWord(`${place.folder}/flexbridge.compose.yaml`)} up --detach --build`,
    ];
  return [`Start the bridge: cd ${folder} && ${command('serve', plan, place)}`];
}

function ownFiles({ config, target, secretFile }: Plan): readonly string[] {
  const folder = target.file.replace(/[^/]*$/, '');
  return [config.dataDir, target.file, ...(secretFile === null ? [] : [`${folder}${secretFile}`])];
}

function connectorSteps({ config }: Plan, { login, pack }: CarriedOut): readonly string[] {
  if (login === null || pack === null) return [];
  const { name, kind } = login;
  const { publicUrl } = config.server;
  const redirectUri = DEFAULT_REDIRECT_URIS[0];
  const packLogin =
    kind === 'oauth2' ? { kind, connector: name, clientId: name, redirectUri } : { kind, connector: name };
  const url = wizardAnswers({ feed: pack.feed, publicUrl, login: packLogin }).find(
    ({ field }) => field === 'Events URL',
  );
  const secrets = { oauth2: 'its refresh token', basic: 'its password', urlKey: 'its key', mtls: '' };
  return [
    `Set up the connector as ${pack.folder}/INSTALL.md says; it has the answer to every field of the wizard.`,
    `Events URL: ${url?.answer ?? ''}`,
    ...(login.handedOverIn === null ? [] : [`The wizard also asks for ${secrets[kind]}: ${login.handedOverIn}`]),
    ...(pack.caFingerprint === null ? [] : [`Fingerprint (SHA-256) of the CA in the pack: ${pack.caFingerprint}`]),
  ];
}

function lastSteps(plan: Plan, { login, chain, pack }: CarriedOut, place: Place): readonly string[] {
  const rehearsal =
    login?.kind === 'mtls' && pack !== null
      ? [
          `Not tried: the login, for the key of its certificate is with the connector: ${program(place)} rehearse --pack ${relative(place.folder, pack.folder)} --certificate FILE --key FILE`,
        ]
      : [];
  return [
    ...rehearsal,
    `Whenever something is wrong: ${command('doctor', plan, place)}`,
    ...(login?.handedOverIn == null && chain === null
      ? []
      : [
          `Once the connector runs, delete ${plan.config.dataDir}/initial-credentials; it also has the operator's password.`,
        ]),
  ];
}
