import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SECRETS, TENANT } from '../support/bridge-rig.ts';
import { LOCKED_KEY, PAIR, PASSPHRASE } from '../support/credential-setup.ts';
import { findLeaks, type Hidden } from '../support/leak-check.ts';
import { type Ended, startProgram } from '../support/program.ts';
import { createRehearsalRig, editFile, type RehearsalRig } from '../support/rehearsal-rig.ts';
import { type Unzipped, unzipped } from '../support/unzip.ts';

const ALERT_TEXT = 'canary-of-the-alert-text';
const HIDDEN: readonly Hidden[] = [
  ...Object.entries(SECRETS).map(([name, text]) => ({ what: `the secret ${name}`, text })),
  { what: 'a secret in the configuration', text: 'inline~secret/of+fabrikam=0001' },
  { what: 'a password of a proxy', text: 'password-of-the-proxy-file' },
  { what: 'a proxy login of the environment', text: 'password-in-the-environment' },
  { what: 'a secret in a comment', text: 'comment-with-an-old-secret' },
  { what: 'a passphrase', text: PASSPHRASE },
  { what: 'a private key', text: PAIR.privateKeyPem },
  { what: 'a locked private key', text: LOCKED_KEY },
  { what: 'a token in the log', text: 'eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJjYW5hcnkifQ.c2lnbmF0dXJlLW9mLWl0' },
  { what: 'a key in the log', text: 'key-in-an-events-url-0001' },
  { what: 'alert text', text: ALERT_TEXT },
];
const OTHER_TENANTS = `  # comment-with-an-old-secret
  - name: fabrikam
    tenantId: 22222222-2222-4333-8444-555555555555
    credential: { kind: secret, clientId: app-of-fabrikam, secret: "inline~secret/of+fabrikam=0001" }
    endpoints: { login: "https://127.0.0.1:9", graph: "https://127.0.0.1:9" }
    proxy: { url: "http://127.0.0.1:9", user: bridge, passwordFile: proxy-password }
  - name: tailspin
    tenantId: 33333333-2222-4333-8444-555555555555
    credential: { kind: certificate, clientId: app-of-tailspin, certificateFile: app.pem, passphraseFile: passphrase }
    endpoints: { login: "https://127.0.0.1:9", graph: "https://127.0.0.1:9" }
feeds:`;

describe('flexbridge support-bundle', () => {
  let rig: RehearsalRig;
  let config: string;

  beforeEach(async () => {
    rig = await createRehearsalRig();
    config = join(rig.bridge.folder, 'flexbridge.yaml');
  });
  afterEach(() => rig.bridge.close());

  /** The program as its user starts it. */
  function bundle(...more: readonly string[]): Promise<Ended> {
    const env = {
      HTTPS_PROXY: 'http://bridge:password-in-the-environment@127.0.0.1:9',
      NO_PROXY: '127.0.0.1,localhost',
    };
    const args = ['support-bundle', '--config', config, '--out', 'bundle.zip', ...more];
    return startProgram(args, { cwd: rig.bridge.folder, env }).ended;
  }
  const zipFile = (): string => join(rig.bridge.folder, 'bundle.zip');
  const files = (): readonly Unzipped[] => unzipped(readFileSync(zipFile()));
  const textOf = (path: string): string => files().find((file) => file.path === path)?.text ?? '';
  const leaks = (more: readonly Hidden[], out: string): readonly string[] =>
    findLeaks(
      [...HIDDEN, ...more],
      [
        ...files().map(({ path, text }) => ({ where: path, text })),
        { where: 'the zip itself', text: readFileSync(zipFile(), 'latin1') },
        { where: 'what was printed', text: out },
      ],
    );

  it('holds what support needs, and no secret and no alert text in any form', async () => {
    rig.file('proxy-password', 'password-of-the-proxy-file\n');
    rig.file('passphrase', `${PASSPHRASE}\n`);
    rig.file('app.pem', `${PAIR.certificatePem}${LOCKED_KEY}`);
    editFile(config, /^feeds:$/m, OTHER_TENANTS);
    fillWithCanaries(rig);
    await rig.bridge.startBridge();
    await rig.bridge.seen('pollFinished');
    const made = await rig.login('made-01', 'basic');
    const answer = await rig.bridge.poll();
    // Otherwise nothing could leak.
    expect(answer.body).toContain(ALERT_TEXT);
    const log = rig.file('bridge.log', `${rig.bridge.log()}\n${hostileLog()}`);

    const { code, out, err } = await bundle('--log', log);

    expect([code, err]).toEqual([0, '']);
    expect(leaks([{ what: 'the secret of a login', text: made.secret }], out)).toEqual([]);
    const paths = files().map(({ path }) => path);
    expect(paths).toEqual([
      'MANIFEST.txt',
      'log.txt',
      'versions.json',
      'config/written.yaml',
      'config/effective.yaml',
      'config/environment.txt',
      'doctor.txt',
      'doctor.json',
      'status.json',
      'metrics.txt',
      'store.json',
      'audit.jsonl',
      'data-folder.txt',
    ]);
    for (const path of paths.slice(1)) {
      expect(out).toContain(path);
      expect(textOf('MANIFEST.txt')).toContain(path);
    }
    expect(files().map(({ mode }) => mode & 0o777)).toEqual(paths.map(() => 0o600));
    expect(statSync(zipFile()).mode & 0o777).toBe(0o600);
    expect(textOf('config/written.yaml')).toContain('secret: "[not shown]"');
    expect(textOf('config/environment.txt')).toContain('tenants[1].credential.secret');
    expect(textOf('config/environment.txt')).toContain('HTTPS_PROXY is set');
    expect(textOf('doctor.txt')).toContain('fabrikam');
    expect(textOf('metrics.txt')).toContain('flexbridge_');
    expect(textOf('audit.jsonl')).toContain('made-01');
    expect(textOf('data-folder.txt')).toMatch(/^0600 .* access\.db$/m);
    expect(textOf('store.json')).toMatch(/"journalMode": "wal"[\s\S]*"feed_event": [1-9]/);
  });

  it('writes over no file', async () => {
    writeFileSync(zipFile(), 'something of somebody');
    const { code, err } = await bundle('--offline');
    expect(code).toBe(1);
    expect(err).toContain('is there already');
    expect(readFileSync(zipFile(), 'utf8')).toBe('something of somebody');
  });

  it('names what could not be had where no bridge has run yet', async () => {
    const { code, out } = await bundle('--offline');
    expect(code).toBe(0);
    expect(out).toMatch(/store\.json +not there: .*/);
    expect(out).toMatch(/metrics\.txt +not there: .*/);
    expect(textOf('doctor.txt')).toContain('instance');
    expect(leaks([], out)).toEqual([]);
  });

  it('says of a configuration that is not taken why, without what stands under keys that it does not know', async () => {
    editFile(config, /^feeds:$/m, OTHER_TENANTS.replace('secret: "', 'secrt: "'));
    const { code, out } = await bundle();
    expect(code).toBe(0);
    expect(textOf('config/problems.txt')).toContain('secrt');
    expect(textOf('config/written.yaml')).toContain('secrt: "[not shown]"');
    expect(leaks([], out)).toEqual([]);
  });
});

/** Every text of an alert, and of one that is set aside, begins with the canary. */
function fillWithCanaries({ bridge: { simulator } }: RehearsalRig): void {
  const nowMs = Date.now();
  for (const alert of simulator.world.visible(TENANT, nowMs)) simulator.world.put(TENANT, marked(alert), nowMs);
  simulator.faults.next(1, 'record-without-id', { api: 'graph' });
}

/** What Microsoft chooses from a list, ids and times stay. */
const KEPT = /id$|type$|DateTime$|^(?:severity|status|serviceSource|detectionSource|category)$/i;

function marked<Value>(value: Value, key?: string): Value;
function marked(value: unknown, key = 'id'): unknown {
  if (typeof value === 'string')
    return KEPT.test(key) || /^[a-z][A-Za-z]*$/.test(value) ? value : `${ALERT_TEXT} ${value}`;
  if (Array.isArray(value)) return value.map((item: unknown) => marked(item, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, marked<unknown>(part, name)]));
}

/** What a log of the bridge never has, but one that was put together by hand may. */
function hostileLog(): string {
  const { client } = SECRETS;
  return [
    'POST /token client_secret=key-in-an-events-url-0001&x=1',
    'GET /v1/feeds/default/detections?since=1&key=key-in-an-events-url-0001',
    'authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJjYW5hcnkifQ.c2lnbmF0dXJlLW9mLWl0',
    `the secret ${client}, ${encodeURIComponent(client)}, ${Buffer.from(`ops:${client}`).toString('base64')}`,
    `Basic ${Buffer.from(`arcsight-01:${SECRETS.connector}`).toString('base64')}`,
    'proxy http://bridge:password-of-the-proxy-file@proxy.example:3128',
    PAIR.privateKeyPem,
  ].join('\n');
}
