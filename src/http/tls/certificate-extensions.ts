import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  type Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  NameConstraints,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from '@peculiar/asn1-x509';
import type { CertificateHost } from './certificate-host.ts';

/** Extensions of a CA that may vouch for these hosts and for nothing else. */
export function authorityExtensions(hosts: readonly CertificateHost[], keyId: ArrayBuffer): Extensions {
  return new Extensions([
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign), true),
    extension(id_ce_nameConstraints, nameConstraints(hosts), true),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyId)),
  ]);
}

/** Extensions of a server certificate for these hosts. */
export function serverExtensions(
  hosts: readonly CertificateHost[],
  keyId: ArrayBuffer,
  authorityKeyId: ArrayBuffer,
): Extensions {
  const authority = new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(authorityKeyId) });
  return new Extensions([
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
    extension(id_ce_subjectAltName, new SubjectAlternativeName(hosts.map((host) => generalName(host)))),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyId)),
    extension(id_ce_authorityKeyIdentifier, authority),
  ]);
}

/** Hosts that a CA of ours may vouch for; empty for a CA without name constraints. */
export function permittedHosts(certificate: Certificate): readonly CertificateHost[] {
  const value = extensionValue(certificate, id_ce_nameConstraints);
  if (value === null) return [];
  const permitted = AsnConvert.parse(value, NameConstraints).permittedSubtrees;
  return [...(permitted ?? new GeneralSubtrees())]
    .flatMap(({ base }) => toHost(base))
    .filter(({ value: name }) => name !== NO_HOST);
}

/** Hosts that a server certificate names. */
export function namedHosts(certificate: Certificate): readonly CertificateHost[] {
  const value = extensionValue(certificate, id_ce_subjectAltName);
  return value === null ? [] : [...AsnConvert.parse(value, SubjectAlternativeName)].flatMap(toHost);
}

/** Subject key id of a certificate; null when it has none. */
export function subjectKeyId(certificate: Certificate): ArrayBuffer | null {
  const value = extensionValue(certificate, id_ce_subjectKeyIdentifier);
  return value === null ? null : AsnConvert.parse(value, SubjectKeyIdentifier).buffer;
}

/** A name that never exists (RFC 6761): permitting it alone permits no DNS name. Java refuses an empty subtree. */
const NO_HOST = 'none.invalid';

/**
 * A kind of name that the constraints do not mention is not constrained at all (RFC 5280 4.2.1.10). So a CA without
 * IP hosts excludes every address, and a CA without DNS hosts permits one impossible name.
 */
function nameConstraints(hosts: readonly CertificateHost[]): NameConstraints {
  const hasDns = hosts.some(({ kind }) => kind === 'dns');
  const hasIp = hosts.some(({ kind }) => kind === 'ip');
  const permitted = hasDns ? hosts : [...hosts, { kind: 'dns', value: NO_HOST } as const];
  const everyAddress = ['0.0.0.0/0', '::/0'].map((iPAddress) => new GeneralName({ iPAddress }));
  return new NameConstraints({
    permittedSubtrees: subtrees(permitted.map((host) => generalName(host, 'subtree'))),
    ...(hasIp ? {} : { excludedSubtrees: subtrees(everyAddress) }),
  });
}

function subtrees(names: readonly GeneralName[]): GeneralSubtrees {
  return new GeneralSubtrees(names.map((base) => new GeneralSubtree({ base })));
}

function generalName(host: CertificateHost, use: 'name' | 'subtree' = 'name'): GeneralName {
  if (host.kind === 'dns') return new GeneralName({ dNSName: host.value });
  const fullMask = host.value.includes(':') ? '/128' : '/32';
  return new GeneralName({ iPAddress: use === 'subtree' ? `${host.value}${fullMask}` : host.value });
}

function toHost(name: GeneralName): readonly CertificateHost[] {
  if (name.dNSName !== undefined) return [{ kind: 'dns', value: name.dNSName }];
  if (name.iPAddress !== undefined) return [{ kind: 'ip', value: name.iPAddress.replace(/\/.*$/, '') }];
  return [];
}

function extensionValue(certificate: Certificate, id: string): ArrayBuffer | null {
  const found = certificate.tbsCertificate.extensions?.find(({ extnID }) => extnID === id);
  return found === undefined ? null : found.extnValue.buffer;
}

function extension(extnID: string, value: object, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}
