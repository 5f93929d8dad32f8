import { type Finding, ok } from '../../domain/finding.ts';

/** More than this is worth a word; more than the second, certificates and signed proofs begin to be refused (inferred). */
const DOUBTFUL_MS = 2 * 60_000;
const WRONG_MS = 5 * 60_000;

/**
 * The clock of this host against the Date header of Microsoft's, which is cut to a whole second.
 * @param askedAt epoch ms of this host before the request, and `answeredAt` after it
 */
export function clockRow(dateMs: number, askedAt: number, answeredAt: number): Finding {
  const aheadMs = Math.round((askedAt + answeredAt) / 2 - (dateMs + 500));
  const off = Math.abs(aheadMs);
  const words = `The clock of this host is ${spanOf(off)} ${aheadMs > 0 ? 'ahead of' : 'behind'} Microsoft's (${new Date(dateMs).toISOString().slice(0, 19)}Z).`;
  const subject = 'this host';
  if (off <= DOUBTFUL_MS) return ok('clock', subject, words);
  return {
    id: 'clock',
    state: off > WRONG_MS ? 'failed' : 'warning',
    subject,
    sinceMs: null,
    meaning: `${words} TLS certificates, signed logins and the life of tokens are judged by it, and so are all ages that FlexBridge shows.`,
    remedy:
      'Set it by NTP: timedatectl set-ntp true (Linux), w32tm /resync (Windows); on a virtual machine check the time of the host below it, too. No restart is needed.',
  };
}

function spanOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h`;
}
