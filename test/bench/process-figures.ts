import { readFileSync } from 'node:fs';

/** Linux counts processor time for programs in hundredths of a second (USER_HZ), whatever the kernel's own tick. */
const MS_PER_TICK = 10;

/** Processor time of a process so far, user and system, milliseconds; null where there is no /proc. */
export function processorMs(pid: number): number | null {
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name stands in parentheses and may hold blanks; utime and stime are the 14th and 15th field (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** Resident memory, MiB; null where there is no /proc. */
export function residentMib(pid: number): number | null {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`) ?? '')?.[1];
  return kib === undefined ? null : Number(kib) / 1024;
}

function readProc(file: string): string | null {
  if (process.platform !== 'linux') return null;
  return readFileSync(file, 'utf8');
}
