import { basename, join } from 'node:path';
import type { WizardAnswer } from '../connector/guide/wizard-answers.ts';
import type { FileOutcome, InstallOutcome } from '../connector/install/install-pack.ts';
import { KEYSTORE_PATH } from '../connector/install/install-record.ts';
import type { CertificateOutcome } from '../connector/install/trust-certificate.ts';
import type { RemovedFile, UninstallOutcome } from '../connector/install/uninstall-pack.ts';
import { printable } from '../domain/printable.ts';
import { columns } from './columns.ts';

const INSTALLED = { new: 'new', replaced: 'replaced', same: 'same' } as const;
const WOULD_INSTALL = { new: 'would make', replaced: 'would replace', same: 'same' } as const;
const WOULD_REMOVE = {
  removed: 'would remove',
  'put back': 'would put back',
  changed: 'changed',
  gone: 'gone',
} as const;

/** What install did, or with `dryRun` would do, a line a file. */
export function installText({ files, certificate }: InstallOutcome, dryRun: boolean): string {
  const rows = files.map(({ path, state, ...rest }) => [
    (dryRun ? WOULD_INSTALL : INSTALLED)[state],
    path,
    remark(rest),
  ]);
  const end = isDone({ files, certificate })
    ? 'Everything was in place already; nothing was changed.\n'
    : dryRun
      ? 'Nothing was changed (--dry-run).\n'
      : '';
  return columns(rows) + (certificate === null ? '' : certificateText(certificate, dryRun)) + end;
}

/** Whether all was there before. */
export function isDone({ files, certificate }: InstallOutcome): boolean {
  return files.every(({ state }) => state === 'same') && certificate?.state !== 'imported';
}

function remark({ kept, note }: Pick<FileOutcome, 'kept' | 'note'>): string {
  const before = kept === null ? [] : [`before: ${basename(kept)}`];
  const parts = [...before, ...(note === null ? [] : [note])];
  return parts.length === 0 ? '' : `(${parts.join('; ')})`;
}

export function uninstallText({ files, certificates }: UninstallOutcome, dryRun: boolean): string {
  if (files.length === 0 && certificates.length === 0) return 'There is nothing here that install has put there.\n';
  const rows = files.map((file) => [dryRun ? WOULD_REMOVE[file.state] : file.state, file.path, whyLeft(file)]);
  const end = dryRun ? 'Nothing was changed (--dry-run).\n' : '';
  return columns(rows) + certificates.map((certificate) => certificateText(certificate, dryRun)).join('') + end;
}

function whyLeft({ state, left }: RemovedFile): string {
  const why =
    state === 'changed'
      ? ['somebody changed it since, so it stays; remove it by hand']
      : state === 'gone'
        ? ['somebody removed it already']
        : [];
  const copies = left.map((path) => `${basename(path)} stays: others wrote what is in it`);
  const parts = [...why, ...copies];
  return parts.length === 0 ? '' : `(${parts.join('; ')})`;
}

function certificateText(certificate: CertificateOutcome, dryRun: boolean): string {
  const { alias, state, reason, command, kept } = certificate;
  const would = dryRun && (state === 'imported' || state === 'removed') ? 'would be ' : '';
  const before = kept === null ? '' : ` (before: ${basename(kept)})`;
  switch (state) {
    case 'imported':
      return `certificate ${alias}: ${would}imported into ${KEYSTORE_PATH}${before}\n`;
    case 'same':
      return `certificate ${alias}: is in ${KEYSTORE_PATH} already\n`;
    case 'removed':
      return `certificate ${alias}: ${would}taken out of ${KEYSTORE_PATH}\n`;
    case 'gone':
      return `certificate ${alias}: is in ${KEYSTORE_PATH} no longer\n`;
    case 'by hand':
    case 'failed': {
      const why = `${state === 'failed' ? 'keytool failed, and the store is as it was' : 'to be done by hand'}: ${printable(reason ?? '', 400)}`;
      const run =
        command === null
          ? ''
          : `  run, with the connector stopped (the store's password is usually changeit; no public source says so):\n    ${printable(command, 2000)}\n`;
      return `certificate ${alias}: ${why}\n${run}`;
    }
  }
}

/** The answers of the wizard as INSTALL.md has them, with the folder of this connector in its place. */
export function wizardText(answers: readonly WizardAnswer[], home: string): string {
  const width = Math.max(...answers.map(({ field }) => field.length));
  const lines = answers.map(({ field, answer, certainty, note }) => {
    const mark = certainty === 'unsourced' ? ['(no public source)'] : [];
    const remarks = [...mark, ...(note === '' ? [] : [printable(note, 1000).replaceAll('`', '')])].join(' ');
    const row = `${field.padEnd(width)}  ${printable(inHome(answer, home), 2000)}\n`;
    return remarks === '' ? row : `${row}${' '.repeat(width)}    ${remarks}\n`;
  });
  return `\nAnswers for the wizard ("step" is one of INSTALL.md, which generate writes):\n${lines.join('')}`;
}

function inHome(answer: string, home: string): string {
  const variable = '$ARCSIGHT_HOME/';
  return answer.startsWith(variable) ? join(home, ...answer.slice(variable.length).split('/')) : answer;
}
