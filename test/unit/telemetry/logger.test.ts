import { describe, expect, it } from 'vitest';
import { LOG_LEVELS, type LogLevel } from '../../../src/domain/log-settings.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';

function log(level: LogLevel) {
  const lines: string[] = [];
  return { lines, logger: createLogger(level, { write: (line: string) => lines.push(line) }) };
}

describe('the logger', () => {
  it('writes the levels from the given one on, as words, with the time in ISO-8601', () => {
    for (const [rank, level] of LOG_LEVELS.entries()) {
      const { lines, logger } = log(level);
      for (const name of LOG_LEVELS) logger[name]({ a: 1 }, 'said');
      const rows = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
      expect(rows.map((row) => row['level'])).toEqual(LOG_LEVELS.slice(0, rank + 1));
      for (const row of rows) {
        expect(row).toMatchObject({ a: 1, msg: 'said' });
        expect(row['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        expect(Object.keys(row).toSorted()).toEqual(['a', 'level', 'msg', 'time']);
      }
    }
  });

  it.each([
    'authorization',
    'Authorization',
    'cookie',
    'set-cookie',
    'secret',
    'secretHash',
    'clientSecret',
    'client_secret',
    'password',
    'passwordHash',
    'token',
    'accessToken',
    'access_token',
    'refresh_token',
    'client_assertion',
  ])('never writes what is named %s, on the line or one level down', (name) => {
    const { lines, logger } = log('debug');
    logger.warn({ [name]: 'hunter2', request: { [name]: 'hunter2', path: '/kept' } }, 'said');
    expect(lines.join('')).not.toContain('hunter2');
    expect(lines.join('')).toContain('/kept');
    expect(lines.join('').match(/\[secret\]/g)).toHaveLength(2);
  });
});
