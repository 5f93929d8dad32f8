import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram, run } from '../../../src/cli/program.ts';
import { renderCommandReference } from '../../../src/cli/reference.ts';

const text = renderCommandReference();

function silentConsole(out: (text: string) => void = () => undefined) {
  return { out, err: out, input: Readable.from([]), cwd: '', isTerminal: false };
}

function commands(): readonly Command[] {
  return createProgram(silentConsole(), () => undefined).commands;
}

/** Without the line breaks, which depend on the width of the terminal that the tests run in. */
function unwrapped(help: string): string {
  return help.replaceAll(/\s+/g, ' ').trim();
}

describe('renderCommandReference', () => {
  it('is what docs/cli.md holds', async () => {
    const remedy = 'docs/cli.md is out of date: run "npm run render" and look at the change before you commit it';
    expect(await readFile(new URL('../../../docs/cli.md', import.meta.url), 'utf8'), remedy).toBe(text);
  });

  it('shows for each command what the program prints for --help', async () => {
    for (const command of commands()) {
      let help = '';
      await run(
        [command.name(), '--help'],
        silentConsole((part) => (help += part)),
      );
      const [, section = ''] = new RegExp(`^## ${command.name()}\n\n\`\`\`\n(.*?)^\`\`\``, 'ms').exec(text) ?? [];
      expect(unwrapped(section)).toBe(unwrapped(help));
      expect(help).toContain(`Usage: flexbridge ${command.name()}`);
    }
  });

  it('lists every command with a link to its section', () => {
    for (const command of commands()) expect(text).toContain(`| [\`${command.name()}\`](#${command.name()}) | `);
  });
});

describe('the table of commands', () => {
  it('describes every command and every option', () => {
    const described = commands().flatMap((command) => [
      [command.name(), command.description()],
      ...command.options.map((option) => [`${command.name()} ${option.flags}`, option.description]),
    ]);
    expect(described.length).toBeGreaterThan(commands().length);
    expect(described.filter(([, description = '']) => description.trim() === '').map(([name]) => name)).toEqual([]);
  });

  it('offers JSON on one key for every command that shows findings', () => {
    for (const name of ['check', 'doctor', 'status']) {
      const command = commands().find((candidate) => candidate.name() === name);
      expect(command?.options.map(({ long }) => long)).toContain('--json');
    }
  });

  it('answers an unknown command with 1 and the way to the help', async () => {
    let said = '';
    const code = await run(
      ['dcotor'],
      silentConsole((part) => (said += part)),
    );
    expect(code).toBe(1);
    expect(said).toContain('doctor');
    expect(said).toContain('--help');
  });
});
