import { type ConfigFiles, readFailure } from './config-files.ts';
import type { ConfigPath } from './config-path.ts';
import type { Report } from './report.ts';
import { Secret } from './secret.ts';

/** Docker and Kubernetes mount secrets there; their modes are not the operator's to set. */
const MOUNTED_SECRETS = '/run/secrets/';

/** Reads a file that the configuration names; an empty or unreadable one is a problem. */
export async function readNamed(
  files: ConfigFiles,
  report: Report,
  at: ConfigPath,
  file: string,
): Promise<Buffer | null> {
  try {
    const bytes = await files.read(file);
    if (bytes.length > 0) return bytes;
    report.problem(at, `the file ${file} is empty`, 'Write its content, or name another file.');
  } catch (error) {
    const remedy = 'Correct the path, or make the file readable for the user that runs FlexBridge.';
    report.problem(at, `the file ${file} ${readFailure(error)}`, `${remedy} Paths count from the configuration file.`);
  }
  return null;
}

/** The secret that a file holds: one line of UTF-8. */
export async function readSecret(
  files: ConfigFiles,
  report: Report,
  at: ConfigPath,
  file: string,
): Promise<Secret | null> {
  const bytes = await readNamed(files, report, at, file);
  if (bytes === null) return null;
  await warnIfOpen(files, report, at, file);
  const text = new TextDecoder().decode(bytes).replace(/[\r\n]+$/, '');
  const remedy = 'The file must hold the secret alone: one line of UTF-8 text.';
  if (text === '') report.problem(at, `the file ${file} is empty`, remedy);
  else if (/[\r\n]/.test(text)) report.problem(at, `the file ${file} holds more than one line`, remedy);
  else if (/[\0\ufffd]/.test(text)) report.problem(at, `the file ${file} is not UTF-8 text`, remedy);
  else return new Secret(text);
  return null;
}

/** Warns of a file with a secret in it that every user of the machine can get at. */
export async function warnIfOpen(files: ConfigFiles, report: Report, at: ConfigPath, file: string): Promise<void> {
  if (file.startsWith(MOUNTED_SECRETS)) return;
  // A file that went away since it was read has nobody to warn of.
  const mode = await files.mode(file).catch(() => null);
  if (mode === null || (mode & 0o007) === 0) return;
  report.warning(at, `every user of this machine can open ${file}, which holds a secret`, `chmod 600 ${file}`);
}
