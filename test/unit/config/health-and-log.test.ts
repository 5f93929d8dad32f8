import { describe, expect, it } from 'vitest';
import { load, problemsOf, yamlWith } from './config-folder.ts';

describe('the health port', () => {
  it.each([
    ['9100', { host: '127.0.0.1', port: 9100 }],
    ['{ port: 9100 }', { host: '127.0.0.1', port: 9100 }],
    ['{ host: "::1", port: 9100 }', { host: '::1', port: 9100 }],
    ['{ host: 0.0.0.0, port: 9100, exposed: true }', { host: '0.0.0.0', port: 9100 }],
    ['', null],
  ])('is read from %j', async (text, health) => {
    expect((await load(yamlWith(`server: { health: ${text} }`))).server.health).toEqual(health);
  });

  it('comes from the environment, as a number or in parts', async () => {
    const one = await load(yamlWith(), { FLEXBRIDGE_SERVER__HEALTH__PORT: '9100' });
    const other = await load(yamlWith(), { FLEXBRIDGE_SERVER__HEALTH: '9100' });
    expect([one.server.health, other.server.health]).toEqual(Array(2).fill({ host: '127.0.0.1', port: 9100 }));
  });

  it('is open to other machines only where somebody says so', async () => {
    const [problem, ...others] = await problemsOf(yamlWith('server: { health: { host: 0.0.0.0, port: 9100 } }'));
    expect(problem).toContain('server.health.host | 0.0.0.0 is no loopback address');
    expect(problem).toContain('server.health.exposed: true');
    expect(others).toEqual([]);
  });

  it('is another than that of the feed', async () => {
    expect(await problemsOf(yamlWith('server: { health: 8443 }'))).toEqual([
      '5 | server.health | port 8443 is that of the feed (server.port) | Take another port for one of the two.',
    ]);
  });

  it.each(['0', '70000', 'often', '{ host: 127.0.0.1 }'])('is refused as %s', async (text) => {
    expect(await problemsOf(yamlWith(`server: { health: ${text} }`))).toHaveLength(1);
  });
});

describe('the log', () => {
  it('is at info, pretty on a terminal, without an audit file', async () => {
    expect((await load(yamlWith())).log).toEqual({ level: 'info', format: 'auto', auditFile: null });
  });

  it('takes an absolute path for the audit file and counts another from the configuration', async () => {
    const given = await load(yamlWith('log: { level: debug, format: json, auditFile: /var/log/a.log }'));
    expect(given.log).toEqual({ level: 'debug', format: 'json', auditFile: '/var/log/a.log' });
    const relative = await load(yamlWith('log: { auditFile: audit.log }'));
    expect(relative.log.auditFile).toMatch(/^\/.+\/audit\.log$/);
  });

  it('names the levels where one is wrong', async () => {
    const [problem] = await problemsOf(yamlWith('log: { level: verbose }'));
    expect(problem).toContain('error, warn, info, debug');
  });
});
