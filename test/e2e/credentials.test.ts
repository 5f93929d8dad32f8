import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { CREDENTIAL_SECRETS, credentialOf, REGISTERED, TENANT_ID } from '../support/credential-setup.ts';
import { ask } from '../support/https.ts';
import { findLeaks } from '../support/leak-check.ts';
import { startProgram } from '../support/program.ts';

const ALERTS = 8;

describe('the program with a certificate and two APIs on one tenant', () => {
  let folder: string;
  let simulator: Simulator;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexbridge-e2e-'));
    simulator = createSimulator({
      seed: 4,
      clock: systemClock,
      tenants: [REGISTERED],
      world: { startMs: systemClock.now(), backlog: ALERTS, live: 0, livePeriodMs: 60_000 },
    });
    const { url, caPem } = await simulator.start();
    const { tenants: credential, files } = await credentialOf('certificate', simulator);
    for (const [name, text] of Object.entries({ ...files, 'ca.pem': caPem }))
      writeFileSync(join(folder, name), text, { mode: 0o600 });
    writeFileSync(
      join(folder, 'flexbridge.yaml'),
      `server: { port: 0 }
tenants:
  - name: contoso
    tenantId: ${TENANT_ID}
    endpoints: { login: "${url}", graph: "${url}", defender: "${url}" }
    caFile: ca.pem
    credential: ${credential}
    sources: [{ api: graph-alerts, settle: 0s }, { api: defender-alerts, settle: 0s }]
`,
    );
  });
  afterEach(async () => {
    await simulator.stop();
    rmSync(folder, { recursive: true });
  });

  function expectNothingShown(text: string): void {
    expect(findLeaks(CREDENTIAL_SECRETS, [{ where: 'its words', text }])).toEqual([]);
    for (const part of ['eyJ', 'Bearer ']) expect(text).not.toContain(part);
  }

  it('checks both online, says where tokens go and when the certificate ends', async () => {
    const { code, out, err } = await startProgram(['check', '--online', '--json'], { cwd: folder }).ended;
    expect([code, err]).toEqual([0, '']);
    const { findings } = JSON.parse(out) as { readonly findings: readonly Finding[] };
    const rows = (id: string) => findings.filter((row) => row.id === id);
    expect(rows('api').map(({ subject, state }) => [subject, state])).toEqual([
      ['contoso/graph-alerts', 'ok'],
      ['contoso/defender-alerts', 'ok'],
    ]);
    expect(rows('token').map(({ state }) => state)).not.toContain('failed');
    expect(rows('cloud').map(({ meaning }) => meaning)).toEqual([
      expect.stringMatching(/signed with the certificate goes to https:.*\(graph-alerts,.*\(defender-alerts,/),
    ]);
    expect(rows('credential.expiry')).toMatchObject([
      { state: 'warning', meaning: expect.stringMatching(/CN=FlexBridge test expires on .*, in \d\d days/) as unknown },
    ]);
    expectNothingShown(out);
  });

  it('says what is wrong with the passphrase, without it, and exits with 78', async () => {
    writeFileSync(join(folder, 'passphrase'), 'another passphrase');
    const { code, out, err } = await startProgram(['check', '--online'], { cwd: folder }).ended;
    expect(code).toBe(78);
    expect(err).toContain('passphrase');
    expectNothingShown(`${out}${err}`);
    expect(err).not.toContain('another passphrase');
  });

  it('serves each alert once, though both APIs bring it', async () => {
    const bridge = startProgram(['serve', '--log-level', 'debug'], { cwd: folder });
    const { url } = await bridge.logged('started');
    const polls = await Promise.all(
      ['graph-alerts', 'defender-alerts'].map((source) => bridge.logged('pollFinished', { source })),
    );
    // Both had something to say; what is fresh for one is a duplicate for the other.
    for (const { fetched } of polls) expect(fetched).toBeGreaterThan(0);
    const here = String(url).replace('127.0.0.1', 'localhost');
    const ca = readFileSync(join(folder, 'data', 'tls', 'ca.pem'), 'utf8');
    const logins = readFileSync(join(folder, 'data', 'initial-credentials'), 'utf8');
    const loginOf = (kind: string) => {
      const [, user = '', password = ''] = new RegExp(`^${kind} (\\S+) (\\S+)$`, 'm').exec(logins) ?? [];
      return { user, password };
    };
    const feed = await ask(`${here}/v1/feeds/default/detections?since=$START_AT_TIME`, ca, loginOf('connector'));
    const events = JSON.parse(feed.body) as readonly Readonly<Record<string, unknown>>[];
    const fresh = events.filter((event) => event['EventKind'] === 'new');
    expect(new Set(events.map((event) => event['AlertId'])).size).toBe(ALERTS);
    expect(new Set(fresh.map((event) => event['DetectionId'])).size).toBe(fresh.length);
    const sum = (name: string) => polls.reduce((all, poll) => all + Number(poll[name]), 0);
    expect(sum('fresh')).toBe(ALERTS);
    expect(sum('changed')).toBe(0);
    expect(sum('duplicate') + sum('stale')).toBeGreaterThan(0);
    const status = await ask(`${here}/status.json`, ca, loginOf('operator'));
    expect(status.status).toBe(200);
    bridge.child.kill('SIGTERM');
    const { code, out, err } = await bridge.ended;
    expect([code, err]).toEqual([0, '']);
    expectNothingShown(`${out}${status.body}${feed.body}`);
  });
});
