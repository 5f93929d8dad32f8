import { ConfigError } from '../config/config-error.ts';
import { loadConfig } from '../config/load.ts';
import { toBridgeError } from '../domain/errors.ts';
import { askBridge } from './ask-bridge.ts';
import type { Console } from './console.ts';

/**
 * Whether the bridge of this configuration answers on this machine: one GET of `/livez` over verified TLS. For the health
 * check of a container, which knows no code but 0 and 1. Writes the reason to `err`, nothing when all is well.
 */
export async function healthcheck(
  options: { readonly config?: string },
  { err }: Pick<Console, 'err'>,
): Promise<0 | 1> {
  try {
    const { server } = await loadConfig({ argvPath: options.config });
    const { status } = await askBridge(server, '/livez');
    if (status === 200) return 0;
    err(`flexbridge: the bridge answers with ${status}\n`);
  } catch (thrown) {
    err(thrown instanceof ConfigError ? thrown.toText() : `flexbridge: ${toBridgeError(thrown).message}\n`);
  }
  return 1;
}
