import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { flagName } from '../../../../src/cli/setup/answers.ts';
import { entraSteps } from '../../../../src/cli/setup/entra-steps.ts';
import { checkFlags, completeAnswers, readGivenSecret } from '../../../../src/cli/setup/given-answers.ts';
import { QUESTIONS } from '../../../../src/cli/setup/questions.ts';
import { CLIENT, placeOf, SECRET, TENANT } from './setup-rig.ts';

const NOBODY = { answers: {}, secret: null };

describe('answers by flags', () => {
  it('says everything that is missing at once, with its flag', () => {
    expect(() => completeAnswers(QUESTIONS, NOBODY, placeOf())).toThrow(
      /^3 answers .*--tenant-id <id> is missing.*--client-id <id> is missing.*--client-secret-file <file> is missing/,
    );
  });

  it('counts what goes with other answers as missing too', () => {
    const answers = { cloud: 'custom', credential: 'certificate', login: 'mtls', certificate: 'files' };
    const wanted = /login-url.*graph-url.*client-certificate.*connector-certificate.*server-certificate.*server-key/;
    expect(() => completeAnswers(QUESTIONS, { answers, secret: null }, placeOf())).toThrow(wanted);
  });

  it.each([
    ['tenantId', 'not a tenant', /--tenant-id: This must be a directory/],
    ['tenantId', 'a\nb', /--tenant-id: This must be one line/],
    ['tenantName', 'Contoso: "x"', /--tenant-name: This must be a name of lower-case/],
    ['cloud', 'mars', /--cloud: This must be one of commercial/],
    ['port', '0', /--port: This must be a port/],
    ['port', '99999', /--port: This must be a port/],
    ['publicUrl', 'http://bridge.example', /--public-url: This must be an https URL/],
    ['publicUrl', 'https://user:word@bridge.example', /--public-url: This must be/],
    ['secretExpires', '2027-02-30', /--secret-expires: This must be a date/],
    ['passphraseFile', 'x', /--passphrase-file does not go with the other answers/],
    ['siemUrl', 'http://plain.example', /--siem-url: This must be an https URL/],
    ['clientId', '', /--client-id: This cannot be left out/],
  ] as const)('refuses %s %j', (key, value, message) => {
    expect(() => {
      checkFlags(QUESTIONS, { [key]: value }, placeOf());
    }).toThrow(message);
  });

  it('takes the variables that describe a tenant', () => {
    const env = {
      FLEXBRIDGE_TENANT_ID: TENANT,
      FLEXBRIDGE_CLIENT_ID: CLIENT,
      FLEXBRIDGE_CLIENT_SECRET_FILE: 'my-secret',
      FLEXBRIDGE_SERVER__PORT: '9443',
    };
    const { answers } = completeAnswers(QUESTIONS, NOBODY, placeOf(env));
    expect(answers).toMatchObject({ clientSecretFile: 'my-secret', publicUrl: 'https://localhost:9443' });
  });

  it('takes other hosts of the environment for a custom cloud', () => {
    const env = { FLEXBRIDGE_ENDPOINTS__LOGIN: 'https://a.example', FLEXBRIDGE_ENDPOINTS__GRAPH: 'https://b.example' };
    const draft = { answers: { tenantId: TENANT, clientId: CLIENT, clientSecretFile: 'x' }, secret: null };
    expect(completeAnswers(QUESTIONS, draft, placeOf(env)).answers).toMatchObject({
      cloud: 'custom',
      graphUrl: 'https://b.example',
    });
  });

  it('proposes a name for the tenant that is free', () => {
    const draft = { answers: { tenantId: 'Contoso.example', clientId: CLIENT, clientSecretFile: 'x' }, secret: null };
    expect(completeAnswers(QUESTIONS, draft, placeOf()).answers.tenantName).toBe('contoso');
    expect(() => completeAnswers(QUESTIONS, draft, placeOf({}, ['contoso']))).toThrow(
      /--tenant-name <name> is missing/,
    );
  });

  it('reads the secret from standard input, and never as the value of a flag', async () => {
    const input = Readable.from([Buffer.from(`${SECRET}\n`)]);
    const { answers, secret } = await readGivenSecret({ clientSecretFile: '-' }, placeOf(), { cwd: '/', input });
    expect([answers.clientSecretFile, secret?.reveal()]).toEqual([undefined, SECRET]);
    expect(QUESTIONS.map(flagName).filter((flag) => /secret|passphrase/.test(flag))).toEqual([
      '--client-secret-file',
      '--secret-expires',
      '--passphrase-file',
    ]);
  });
});

describe('the steps in Entra', () => {
  it.each([
    [
      'graph-alerts',
      'secret',
      /Microsoft Graph > Application permissions .*SecurityAlert\.Read\.All/,
      /New client secret: copy its Value/,
    ],
    [
      'defender-alerts',
      'certificate',
      /WindowsDefenderATP > Application permissions .*: Alert\.Read\.All/,
      /Upload certificate/,
    ],
    ['graph-alerts', 'workload-identity', /SecurityAlert\.Read\.All/, /Federated credentials/],
    ['defender-alerts', 'managed-identity', /fc780465-2017-40d4-a0c5-307022471b92/, /-eq 'Alert\.Read\.All'/],
    ['siem-detections', 'secret', /WindowsDefenderATPSiemConnector/, /no permission to grant/],
  ])('name the permission of %s and what to do for %s', (api, credential, first, second) => {
    const text = entraSteps({ api, credential }).join(' ');
    expect(text).toMatch(first);
    expect(text).toMatch(second);
  });

  it('lead to the portal of the cloud', () => {
    expect(entraSteps({ cloud: 'gcc-high' }).join(' ')).toContain('https://entra.microsoft.us');
    expect(entraSteps({ cloud: 'commercial' }).join(' ')).toContain('https://entra.microsoft.com');
  });
});
