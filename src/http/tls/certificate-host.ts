import { isIP } from 'node:net';

/** A host as a certificate names it: a DNS name in lower case, or an IP address in its shortest form. */
export interface CertificateHost {
  readonly kind: 'dns' | 'ip';
  readonly value: string;
}

/** Reads `bridge.example`, `10.1.2.3`, `::1` or `[::1]`; each host once, in the order given. */
export function toCertificateHosts(hosts: readonly string[]): readonly CertificateHost[] {
  const byText = new Map(hosts.map(toCertificateHost).map((host) => [`${host.kind}:${host.value}`, host]));
  return [...byText.values()];
}

function toCertificateHost(text: string): CertificateHost {
  const bare = text.trim().replace(/^\[(.*)\]$/, '$1');
  const version = isIP(bare);
  if (version === 4) return { kind: 'ip', value: bare };
  // The URL parser brings every spelling of an IPv6 address, the IPv4-mapped ones too, into one form.
  if (version === 6) return { kind: 'ip', value: new URL(`https://[${bare}]`).hostname.slice(1, -1) };
  return { kind: 'dns', value: bare.toLowerCase().replace(/\.$/, '') };
}
