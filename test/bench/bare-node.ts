import { end, type Workspace } from './workspace.ts';

/** The least that serves: node itself with a node:http server of one line. */
export function startBareNode(
  workspace: Workspace,
  port: number,
): { readonly pid: number; readonly url: string; stop(): Promise<void> } {
  const program = `require('node:http').createServer((_, r) => r.end('ok')).listen(${port}, '127.0.0.1')`;
  const child = workspace.spawn(process.execPath, ['--eval', program], { env: {}, stdio: 'ignore' });
  return { pid: child.pid ?? 0, url: `http://127.0.0.1:${port}`, stop: () => end(child, 'SIGTERM') };
}
