import type { ConnectorAuthKind } from '../domain/connector-auth.ts';
import { BridgeError } from '../domain/errors.ts';

export type ConnectorAction = 'create' | 'list' | 'rotate' | 'end-rotation' | 'revoke';
export interface ConnectorOptions {
  readonly config?: string;
  readonly kind?: string;
  readonly feed?: readonly string[];
  readonly redirectUri?: readonly string[];
  readonly certificate?: string;
  readonly clientFile?: string;
  readonly acceptBasic?: boolean;
  readonly rotateRefreshTokens?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const KINDS: readonly ConnectorAuthKind[] = ['oauth2', 'basic', 'mtls', 'urlKey'];

interface Belonging {
  readonly flag: string;
  readonly actions: readonly ConnectorAction[];
  /** Null: every kind. */
  readonly kind: ConnectorAuthKind | null;
}

/** Options that do not go with every action and kind. */
const BELONGINGS = {
  kind: { flag: '--kind', actions: ['create'], kind: null },
  feed: { flag: '--feed', actions: ['create'], kind: null },
  redirectUri: { flag: '--redirect-uri', actions: ['create'], kind: 'oauth2' },
  certificate: { flag: '--certificate', actions: ['create', 'rotate'], kind: 'mtls' },
  clientFile: { flag: '--client-file', actions: ['create', 'rotate'], kind: 'oauth2' },
  acceptBasic: { flag: '--accept-basic', actions: ['create'], kind: 'oauth2' },
  rotateRefreshTokens: { flag: '--rotate-refresh-tokens', actions: ['create'], kind: 'oauth2' },
  yes: { flag: '--yes', actions: ['revoke'], kind: null },
} satisfies Partial<Record<keyof ConnectorOptions, Belonging>>;

/** @throws BridgeError LOGIN_USE for an option that would be passed over without a word */
export function checkAction(action: ConnectorAction, options: ConnectorOptions): void {
  for (const { flag, actions } of given(options)) {
    if (actions.includes(action)) continue;
    throw loginUse(`connector ${action} takes no ${flag}`, `It belongs to: connector ${actions.join(', ')}.`);
  }
}

/** @throws BridgeError LOGIN_USE for an option of another kind, or a certificate that is missing */
export function checkKind(kind: ConnectorAuthKind, options: ConnectorOptions): void {
  for (const { flag, kind: its } of given(options)) {
    if (its === null || its === kind) continue;
    throw loginUse(`${flag} belongs to the kind ${its}, not to ${kind}`, `Leave it out, or choose --kind ${its}.`);
  }
  if (kind !== 'mtls' || options.certificate !== undefined) return;
  throw loginUse(
    'the kind mtls needs the certificate of the connector',
    'Give it with --certificate FILE (PEM, without its key). The key stays with the connector.',
  );
}

/** @throws BridgeError LOGIN_USE */
export function readKind(text: string): ConnectorAuthKind {
  const kind = KINDS.find((known) => known.toLowerCase() === text.toLowerCase());
  if (kind !== undefined) return kind;
  throw loginUse(`${JSON.stringify(text.slice(0, 40))} is no kind of login`, `The kinds are: ${KINDS.join(', ')}.`);
}

export function loginUse(message: string, hint: string): BridgeError {
  return new BridgeError({ code: 'LOGIN_USE', kind: 'operator', message, hint });
}

function given(options: ConnectorOptions): readonly Belonging[] {
  return Object.entries<Belonging>(BELONGINGS)
    .filter(([name]) => Reflect.get(options, name) !== undefined)
    .map(([, belonging]) => belonging);
}
