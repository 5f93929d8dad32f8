/** Takes the exit code of the command that was run. */
export type Done = (code: number) => void;

export const CONFIG_OPTION = [
  '-c, --config <file>',
  'configuration file (default: flexbridge.yaml here, or FLEXBRIDGE_... variables alone)',
] as const;
