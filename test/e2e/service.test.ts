import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { ask } from '../support/https.ts';
import { reportNotRun } from '../support/java.ts';
import { type ServiceRoot, startServiceRoot, whyNoServiceRoot } from '../support/service-root.ts';

const FOLDER = new URL('../../docs/systemd/', import.meta.url);
const unit = readFileSync(new URL('flexbridge.service', FOLDER), 'utf8');
const sysusers = readFileSync(new URL('flexbridge.sysusers.conf', FOLDER), 'utf8');
const TENANT = '11111111-2222-4333-8444-555555555555';
const SECRET = 'the~client/secret+value';

describe('the unit, run by a systemd', () => {
  const reason = whyNoServiceRoot();
  if (reason !== null) {
    reportNotRun('the unit, run by a systemd', reason);
    it('has a reason for not being run', () => {
      expect(reason).not.toBe('');
    });
    return;
  }

  let simulator: Simulator;
  let machine: ServiceRoot | null;

  beforeEach(() => {
    machine = null;
    simulator = createSimulator({
      seed: 2,
      clock: systemClock,
      tenants: [{ tenantId: TENANT, clientId: 'client-1', clientSecret: SECRET }],
      world: { startMs: systemClock.now(), backlog: 8, live: 0, livePeriodMs: 60_000 },
    });
  });
  afterEach(async () => {
    await machine?.remove();
    await simulator.stop();
  });

  it('polls, serves, reloads and stops in the whole sandbox, as a user without rights', async () => {
    const { url, caPem } = await simulator.start();
    const port = await freePort();
    const text = configuration(url, port);
    machine = startServiceRoot(unit, sysusers, {
      'flexbridge.yaml': text,
      'client-secret': SECRET,
      'microsoft-ca.pem': caPem,
    });
    await machine.log.wrote('"event":"pollFinished"');

    const status = machine.read(`/proc/${await shown(machine, 'MainPID')}/status`);
    expect(status).toMatch(/^CapBnd:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status).toMatch(/^Seccomp:\t2$/m);
    expect(status).not.toMatch(/^Uid:\t0\t/m);
    const answer = await ask(`https://localhost:${port}/readyz`, machine.read('/var/lib/flexbridge/tls/ca.pem'));
    expect(answer.status).toBe(200);

    expect(await machine.systemctl('reload', 'flexbridge')).toMatchObject({ code: 0, err: '' });
    await machine.log.wrote('"event":"configReloaded"');
    expect(await machine.systemctl('stop', 'flexbridge')).toMatchObject({ code: 0, err: '' });
    await machine.log.wrote('"event":"stopped"');
    expect([await shown(machine, 'Result'), await shown(machine, 'ExecMainStatus')]).toEqual(['success', '0']);
  });

  it('stays down when the configuration is refused, and says why', async () => {
    machine = startServiceRoot(unit, sysusers, { 'flexbridge.yaml': 'server: { prot: 1 }\n' });
    await machine.log.wrote('/etc/flexbridge/flexbridge.yaml:1: server.prot');
    // It has said so, and ends a moment later.
    while ((await shown(machine, 'ActiveState')) === 'active');
    expect([await shown(machine, 'ExecMainStatus'), await shown(machine, 'NRestarts')]).toEqual(['78', '0']);
    expect(await shown(machine, 'ActiveState')).toBe('failed');
  });
});

/** A property of the service, as systemd has it now. */
async function shown(machine: ServiceRoot, property: string): Promise<string> {
  return (await machine.systemctl('show', '--value', `--property=${property}`, 'flexbridge')).out.trim();
}

function configuration(microsoft: string, port: number): string {
  return `store: { path: /var/lib/flexbridge/flexbridge.db }
server: { host: 127.0.0.1, port: ${port} }
tenants:
  - name: contoso
    tenantId: ${TENANT}
    cloud: custom
    endpoints: { login: "${microsoft}", graph: "${microsoft}" }
    caFile: microsoft-ca.pem
    credential: { clientId: client-1, secretFile: client-secret }
`;
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}
