import { spawnSync } from 'node:child_process';

/** Prometheus' own checker, or why there is none. */
export type FoundPromtool = { readonly kind: 'found' } | { readonly kind: 'missing'; readonly reason: string };

export function findPromtool(path: string | undefined = process.env['PATH']): FoundPromtool {
  const run = spawnSync('promtool', ['--version'], { env: { ...process.env, PATH: path } });
  return run.error === undefined ? { kind: 'found' } : { kind: 'missing', reason: 'there is no promtool on the path' };
}

/** `text` is what it wrote, both streams; `status` 0 when it found nothing wrong. */
export function runPromtool(args: readonly string[], input = ''): { readonly status: number; readonly text: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', input });
  return { status: status ?? -1, text: `${stdout}${stderr}` };
}
