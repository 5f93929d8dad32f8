import type { FastifyRequest } from 'fastify';
import type { Audit } from '../../domain/audit.ts';
import type { Clock } from '../../domain/clock.ts';
import { printable } from '../../domain/printable.ts';
import { addressOf } from '../login-attempt.ts';
import { createLoginLimit } from '../login-limit.ts';

/** What happened at the login of connectors and operators. Ids, names and reasons; never a secret, a code or a token. */
export interface OAuthAudit {
  granted(request: FastifyRequest, entry: Granted): void;
  refused(request: FastifyRequest, entry: Refused): void;
}

interface Granted {
  readonly action: 'sign-in' | 'sign-out' | 'consent' | 'token-issued';
  /** Name of an operator or a connector. */
  readonly who: string;
  readonly client?: string;
  readonly grant?: string;
}

interface Refused {
  readonly action: 'sign-in-refused' | 'consent-refused' | 'token-refused';
  /** As it was given; may be any text. */
  readonly who: string;
  readonly client?: string;
  readonly reason: string;
  /** The grant that was revoked for it. */
  readonly revoked?: string;
}

/** Nobody's login is that long. */
const LONGEST_NAME = 64;

/**
 * Anybody can be refused without end, and every line stays in the store: past as many refusals in a minute as wrong
 * logins are let through from one address, they are in metrics and log only (`loginFailed`).
 */
export function createOAuthAudit({ audit, clock }: { readonly audit: Audit; readonly clock: Clock }): OAuthAudit {
  const refusals = createLoginLimit(clock);
  const write = (request: FastifyRequest, { who, action, ...details }: Granted | Refused): void => {
    const shown = Object.entries(details).map(([key, value]) => [key, printable(value, 200)] as const);
    audit({
      who: who === '' ? 'unknown' : printable(who, LONGEST_NAME),
      action,
      details: { ...Object.fromEntries(shown), address: addressOf(request) },
    });
  };
  return {
    granted: write,
    refused(request, entry) {
      if (refusals.failed(addressOf(request), null) === null) write(request, entry);
    },
  };
}
