import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { BridgeError, messageOf } from '../../domain/errors.ts';
import type { BundlePart } from './bundle-part.ts';

const MOST_BYTES = 1_000_000;

/** The end of a log file, from the beginning of a line on. @throws BridgeError SUPPORT_LOG */
export async function logPart(path: string): Promise<BundlePart> {
  const { text, isWhole } = await readEnd(path);
  const shown = isWhole ? text : text.slice(text.indexOf('\n') + 1);
  const about = isWhole ? `the log ${basename(path)}` : `the last megabyte of the log ${basename(path)}`;
  return { path: 'log.txt', about, text: shown };
}

async function readEnd(path: string): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const start = Math.max(size - MOST_BYTES, 0);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
      return { text: buffer.subarray(0, bytesRead).toString('utf8'), isWhole: start === 0 };
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new BridgeError({
      code: 'SUPPORT_LOG',
      kind: 'operator',
      message: `cannot read the log ${path}: ${messageOf(cause)}`,
      hint: 'Name a file that this account can read; of a systemd service: journalctl -u flexbridge -o cat --since -2d > FILE.',
      cause,
    });
  }
}
