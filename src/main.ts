#!/usr/bin/env node
import { run } from './cli/program.ts';

const code = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  input: process.stdin,
  cwd: process.cwd(),
  isTerminal: process.stdout.isTTY,
});
// Not left to the last open handle: a client that never reads must not hold up a stop past its limit.
process.stdout.write('', () => process.exit(code));
