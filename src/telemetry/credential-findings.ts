import { type Finding, ok } from '../domain/finding.ts';
import type { CredentialExpiry, Observations } from './observations.ts';

const DAY_MS = 86_400_000;
/** Days before the end at which it becomes a matter for somebody, for soon, and for today. */
const SOON_DAYS = 30;
const WEEK_DAYS = 7;
const URGENT_DAYS = 1;

/** When the secrets and certificates of the tenants expire. Another one that lives on takes over, so it is no failure then. */
export function credentialFindings({ credentials, nowMs }: Observations): readonly Finding[] {
  return credentials.map((credential) => {
    const others = credentials.filter((other) => other !== credential && other.tenantName === credential.tenantName);
    const isCovered = others.some(({ expiresMs }) => expiresMs !== null && daysLeft(expiresMs, nowMs) > WEEK_DAYS);
    return expiryRow(credential, nowMs, isCovered);
  });
}

function expiryRow({ tenantName, what, expiresMs }: CredentialExpiry, nowMs: number, isCovered: boolean): Finding {
  const id = 'credential.expiry';
  if (expiresMs === null) {
    const why = what.endsWith('client secret')
      ? 'credential.expires makes it a warning in time'
      : 'its file cannot be read now';
    return ok(id, tenantName, `When the ${what} expires is not known; ${why}.`);
  }
  const days = daysLeft(expiresMs, nowMs);
  const day = new Date(expiresMs).toISOString().slice(0, 10);
  if (days > SOON_DAYS) return ok(id, tenantName, `The ${what} expires on ${day}, in ${days} days.`);
  const urgent = days < URGENT_DAYS && !isCovered;
  return {
    id,
    state: urgent ? 'failed' : 'warning',
    subject: tenantName,
    sinceMs: null,
    meaning: `${ending(what, day, days)}${isCovered ? ' Another one is configured and lives on.' : ''}`,
    remedy: isCovered
      ? 'Take the old one out of the configuration when nobody needs it any more.'
      : 'Make a new one in the Entra admin center (App registrations > Certificates & secrets) and configure it as credential.next, or put it in place of the old file: it is read anew, no restart is needed.',
  };
}

function ending(what: string, day: string, days: number): string {
  if (days < 0) return `The ${what} expired on ${day}.`;
  if (days < URGENT_DAYS) return `The ${what} expires within a day, on ${day}: collection ends with it.`;
  if (days <= WEEK_DAYS) return `The ${what} expires within a week, on ${day}, in ${days} days.`;
  return `The ${what} expires on ${day}, in ${days} days.`;
}

function daysLeft(expiresMs: number, nowMs: number): number {
  return Math.floor((expiresMs - nowMs) / DAY_MS);
}
