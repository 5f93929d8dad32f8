/** The settings of a unit file of systemd: by section, each name with all its values in their order. */
export type UnitFile = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Reads a unit file without continuation lines; throws at a line that is none of comment, section and setting. */
export function parseUnitFile(text: string): UnitFile {
  const sections: Record<string, Record<string, string[]>> = {};
  let current: Record<string, string[]> | null = null;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, section] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (section !== undefined) {
      current = sections[section] ?? {};
      sections[section] = current;
    } else if (name !== undefined && current !== null) current[name] = [...(current[name] ?? []), value];
    else throw new Error(`no setting of a unit file: ${line}`);
  }
  return sections;
}
