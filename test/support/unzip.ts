import { execFileSync } from 'node:child_process';

const READ = `
import io, json, sys, zipfile
z = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert z.testzip() is None
print(json.dumps([[i.filename, i.external_attr >> 16, z.read(i).decode('latin-1')] for i in z.infolist()]))
`;

export interface Unzipped {
  readonly path: string;
  /** Unix mode. */
  readonly mode: number;
  readonly text: string;
}

/** What Python finds in a zip file; throws when it finds it damaged. */
export function unzipped(zip: Buffer): readonly Unzipped[] {
  const found = JSON.parse(execFileSync('python3', ['-c', READ], { input: zip, encoding: 'utf8' })) as [
    string,
    number,
    string,
  ][];
  return found.map(([path, mode, text]) => ({ path, mode, text }));
}
