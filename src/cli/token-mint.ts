import { generateGrant, generateToken, hashSecret } from '../domain/credential.ts';
import type { AccessStore } from '../store/access-store.ts';

/** A refresh token as it is shown, once. */
export interface MintedToken {
  /** By which it is listed and revoked. */
  readonly id: string;
  readonly token: string;
}

/** 256 random bits; the database keeps the SHA-256. */
export function mintRefreshToken(
  access: AccessStore,
  owner: { readonly connector: string; readonly clientId: string; readonly createdBy: string },
  nowMs: number,
): MintedToken {
  const token = generateToken();
  const id = generateGrant();
  access.putRefreshToken({
    tokenHash: hashSecret(token),
    grant: id,
    ...owner,
    createdMs: nowMs,
    usedMs: null,
    replacedMs: null,
  });
  return { id, token };
}
