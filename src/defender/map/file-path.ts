/** Microsoft's `filePath` is the folder in most answers and the full path in some (defender-api 1.4). */
export function fullPath(folder: string | undefined, name: string | undefined): string | undefined {
  if (folder === undefined || name === undefined) return folder;
  if (endsWithName(folder, name)) return folder;
  const separator = separatorOf(folder);
  return folder.endsWith('/') || folder.endsWith('\\') ? `${folder}${name}` : `${folder}${separator}${name}`;
}

/** The folder alone, whichever of the two was sent, without a separator at its end. */
export function folderOf(path: string | undefined, name: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const folder = name !== undefined && endsWithName(path, name) ? path.slice(0, -name.length) : path;
  return folder.replace(/[\\/]+$/, '');
}

function endsWithName(path: string, name: string): boolean {
  const [lowerPath, lowerName] = [path.toLowerCase(), name.toLowerCase()];
  return lowerPath === lowerName || lowerPath.endsWith(`/${lowerName}`) || lowerPath.endsWith(`\\${lowerName}`);
}

function separatorOf(folder: string): string {
  return folder.includes('/') && !folder.includes('\\') ? '/' : '\\';
}
