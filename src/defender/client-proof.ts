import type { Clock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import { readSigningCertificate, type SigningCertificate } from './client-certificate.ts';
import type { Credential, Reader } from './credential.ts';

/** What proves to Entra that a token request is the app's. */
export type ClientProof =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'certificate'; readonly certificate: SigningCertificate }
  | { readonly kind: 'assertion'; readonly assertion: string };

/** A credential of an app; a managed identity proves itself otherwise. */
export type AppCredential = Exclude<Credential, { readonly kind: 'managed-identity' }>;

/** The proofs of a credential in their order. A reader throws a BridgeError when its proof cannot be used. */
export function proofReaders(credential: AppCredential, clock: Clock): readonly Reader<ClientProof>[] {
  switch (credential.kind) {
    case 'secret':
      return credential.secrets.map((read) => async () => {
        const secret = await read();
        if (secret === '') throw empty('TOKEN_SECRET_EMPTY', 'the client secret');
        return { kind: 'secret', secret };
      });
    case 'certificate':
      return credential.certificates.map((read) => async () => {
        return { kind: 'certificate', certificate: readSigningCertificate(await read(), clock.now()) };
      });
    case 'workload-identity':
      return [
        async () => {
          const assertion = (await credential.assertion()).trim();
          if (assertion === '') throw empty('TOKEN_ASSERTION_EMPTY', "the workload's token file");
          return { kind: 'assertion', assertion };
        },
      ];
  }
}

/** What a proof is called in a message. */
export function proofName({ kind }: AppCredential): string {
  if (kind === 'secret') return 'client secret';
  return kind === 'certificate' ? 'certificate' : "workload's token";
}

function empty(code: string, what: string): BridgeError {
  return new BridgeError({
    code,
    kind: 'operator',
    message: `no token could be asked for: ${what} is empty`,
    hint: 'Check the credential of the tenant and, if it names a file, who writes that file.',
  });
}
