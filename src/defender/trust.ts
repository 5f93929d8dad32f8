import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';

/**
 * TLS settings that trust these certificates (PEM) besides the public ones that Node brings. The same for the same
 * certificates: to read all the public ones anew takes about 30 ms of the processor and 1 MB, for every connection.
 */
export type Trust = (extraCa: readonly string[]) => SecureContext;

/** One for all tenants of a process: those behind one proxy share what they trust. */
export function createTrust(): Trust {
  const made = new Map<string, SecureContext>();
  return (extraCa) => {
    const key = extraCa.join('\n');
    // `ca` replaces Node's list, so it is repeated here.
    const context =
      made.get(key) ?? createSecureContext({ ca: [...rootCertificates, ...extraCa], minVersion: 'TLSv1.2' });
    made.set(key, context);
    return context;
  };
}
