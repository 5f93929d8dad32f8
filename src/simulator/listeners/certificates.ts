import { systemClock } from '../../domain/clock.ts';
import {
  createCertificateAuthority,
  issueServerCertificate,
  type KeyAndCertificate,
} from '../../http/tls/certificate-authority.ts';

export interface Certificates {
  readonly server: KeyAndCertificate;
  /** The CA of `server`. */
  readonly caPem: string;
  /** For the same hosts, of a CA that nobody trusts. */
  readonly untrusted: KeyAndCertificate;
}

const HOSTS = ['localhost', '127.0.0.1'];

export async function createCertificates(): Promise<Certificates> {
  const [own, other] = await Promise.all([issue('FlexBridge simulator CA'), issue('Somebody else CA')]);
  return { server: own.server, caPem: own.caPem, untrusted: other.server };
}

async function issue(commonName: string) {
  // The peers check validity against the real clock, whatever time the simulated Microsoft has.
  const notBeforeMs = systemClock.now() - 86_400_000;
  const ca = await createCertificateAuthority({ commonName, hosts: HOSTS, notBeforeMs, years: 10 });
  const server = await issueServerCertificate(ca, { hosts: HOSTS, notBeforeMs, days: 397 });
  return { server, caPem: ca.certificatePem };
}
