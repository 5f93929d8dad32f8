import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/domain/errors.ts';
import { createEventLog } from '../../../src/telemetry/event-log.ts';
import { createLogOutput } from '../../../src/telemetry/log-output.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createPrettyLine } from '../../../src/telemetry/pretty-line.ts';

const HOSTILE = 'a\u001b[2J\u009b31m\r\nb\u2028\u202e\u0000\u007f\u2066c\\n\\u001b[2Jd';

function output(isTerminal: boolean, format: 'auto' | 'json' | 'pretty') {
  const written: string[] = [];
  const out = createLogOutput({ write: (line: string) => written.push(line) }, { isTerminal, format });
  return { written, out, logger: createLogger('debug', out) };
}

describe('a log line for people', () => {
  it('has time, level, message and members, and an error with its remedy below', () => {
    const { written, logger } = output(false, 'pretty');
    const error = new BridgeError({ code: 'C', kind: 'operator', message: 'it broke', hint: 'mend it' });
    const ref = { tenant: 'contoso', source: 'graph-alerts' };
    createEventLog(logger)({ name: 'pollFailed', ...ref, error, attempt: 2 });
    const [first, ...below] = written.join('').split('\n');
    expect(first).toMatch(
      /^\[\d\d:\d\d:\d\d\.\d{3}\] ERROR: poll failed {2}tenant=contoso source=graph-alerts attempt=2$/,
    );
    expect(below.map((line) => line.trim())).toEqual(['C: it broke', '-> mend it', '']);
  });

  it('is coloured on a terminal only', () => {
    const line = `${JSON.stringify({ level: 'info', time: '2026-01-01T00:00:00.000Z', msg: 'said' })}\n`;
    expect(createPrettyLine({ color: true })(line)).toContain('\u001b[32mINFO');
    expect(createPrettyLine({ color: false })(line)).not.toContain('\u001b');
  });

  it.each([
    ['a value', { login: HOSTILE }],
    ['a name', { [HOSTILE]: 'x' }],
    ['a message', { msg: HOSTILE }],
    ['a list', { hosts: [HOSTILE] }],
    ['an object', { details: { [HOSTILE]: HOSTILE } }],
    ['an error', { error: { code: HOSTILE, message: HOSTILE, hint: HOSTILE, stack: [HOSTILE] } }],
  ])('lets no control character through in %s', (_name, members) => {
    const line = `${JSON.stringify({ level: 'warn', time: '2026-01-01T00:00:00.000Z', msg: 'said', ...members })}\n`;
    const shown = createPrettyLine({ color: false })(line);
    const controls = Array.from(shown).filter((character) => {
      const code = character.codePointAt(0) ?? 0;
      return (
        (code < 0x20 && character !== '\n') || (code >= 0x7f && code <= 0x9f) || /[\u2028\u202e\u2066]/.test(character)
      );
    });
    expect(controls).toEqual([]);
    // Its own line ends only: one, and one for each part of an error.
    expect(shown.trimEnd().split('\n')).toHaveLength('error' in members ? 4 : 1);
  });
});

describe('where the log goes', () => {
  it.each([
    [true, 'auto', false],
    [false, 'auto', true],
    [true, 'json', true],
    [false, 'pretty', false],
  ] as const)('with a terminal %s and the format %s is JSON: %s', (isTerminal, format, isJson) => {
    const { written, logger } = output(isTerminal, format);
    logger.info({ event: 'e' }, 'said');
    expect(written.join('').startsWith('{"level":"info"')).toBe(isJson);
  });

  it('changes its form while it is written', () => {
    const { written, logger, out } = output(false, 'json');
    logger.info('one');
    out.setFormat('pretty');
    logger.info('two');
    expect(written.map((line) => line.startsWith('{'))).toEqual([true, false]);
  });
});
