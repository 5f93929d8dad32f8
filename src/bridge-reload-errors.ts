import { ConfigError } from './config/config-error.ts';
import { BridgeError } from './domain/errors.ts';

/** Why a changed configuration is not used, and each of its problems in words. */
export function reloadRefused(thrown: BridgeError): {
  readonly error: BridgeError;
  readonly problems: readonly string[];
} {
  if (!(thrown instanceof ConfigError)) return { error: thrown, problems: [] };
  const problems = thrown.toText().trimEnd().split('\n').slice(1);
  const error = new BridgeError({
    code: 'CONFIG_REFUSED',
    kind: 'operator',
    message: `The changed configuration is wrong and not used; the one before goes on serving. ${thrown.message}`,
    hint: 'Correct it: it is read again by itself within seconds. Until then do not restart the bridge, which would not start.',
  });
  return { error, problems };
}

export function restartNeeded(from: string, to: string): BridgeError {
  return new BridgeError({
    code: 'RESTART_NEEDED',
    kind: 'operator',
    message: `store.path was changed from ${from} to ${to}: nothing of the changed configuration is used before a restart.`,
    hint: 'Stop FlexBridge, move the data folder, start it again (docs/backup.md); without the move it begins with an empty store. Or put the old path back.',
  });
}
