/** Beyond a year it is no time to wait but a damaged header. */
const LONGEST_MS = 366 * 86_400_000;

/**
 * How long the other side asks us to wait, in milliseconds: seconds or an HTTP date (RFC 9110 10.2.3). Not capped: asking
 * earlier only earns another refusal (defender-api 3). An HTTP date is measured on the sender's own clock.
 */
export function retryAfterMs(
  header: string | undefined,
  dateHeader: string | undefined,
  nowMs: number,
): number | undefined {
  const value = header?.trim() ?? '';
  const wait = /^\d+(\.\d+)?$/.test(value) ? Math.ceil(Number(value) * 1000) : untilDate(value, dateHeader, nowMs);
  return wait <= LONGEST_MS ? wait : undefined;
}

/** Every form of an HTTP date begins with its day of the week; V8 alone would take `-5` for the month of May. */
function untilDate(value: string, dateHeader: string | undefined, nowMs: number): number {
  if (!/^[a-z]{3}/i.test(value)) return Number.NaN;
  const sent = Date.parse(dateHeader ?? '');
  return Math.max(0, Date.parse(value) - (Number.isNaN(sent) ? nowMs : sent));
}
