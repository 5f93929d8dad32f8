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
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const until = Date.parse(value);
  if (Number.isNaN(until)) return undefined;
  const sent = Date.parse(dateHeader ?? '');
  return Math.max(0, until - (Number.isNaN(sent) ? nowMs : sent));
}
