import { isIP } from 'node:net';
import { checkServerIdentity, connect, type PeerCertificate } from 'node:tls';
import { messageOf } from '../domain/errors.ts';
import { printable } from '../domain/printable.ts';
import type { ClientCertificate } from './feed-request.ts';
import type { Address } from './rehearsal-address.ts';
import { inferred, type RehearsalFault, type RehearsalStep, seen, stepOf } from './rehearsal-step.ts';

export interface TlsTrust {
  /** PEM, the only authority that is trusted; null: those of this system. */
  readonly caPem: string | null;
  readonly certificate: ClientCertificate | null;
}

/** What a handshake has shown. The peer's certificate is read whether it is trusted or not; nothing is sent. */
interface Handshake {
  readonly protocol: string;
  readonly peer: PeerCertificate;
  /** Why the chain is not trusted; empty when it is. */
  readonly distrust: string;
}

const LIMIT_MS = 10_000;
const DAY_MS = 86_400_000;
const SOON_MS = 14 * DAY_MS;
const NAME_FAULT = 'ERR_TLS_CERT_ALTNAME_INVALID';

/** Verifies the certificate with the pack's authority alone, as a connector does that has imported it. */
export async function verifyTls(address: Address, trust: TlsTrust, nowMs: number): Promise<RehearsalStep> {
  const shaken = await handshake(address, trust, {});
  if (typeof shaken === 'string')
    return stepOf(
      'tls',
      [],
      [
        seen(
          `no TLS with ${address.host} port ${address.port}: ${shaken}`,
          'Something else than the bridge may answer on this port, or it serves plain http (tls: off).',
        ),
      ],
    );
  const { protocol, peer } = shaken;
  const found = [
    `${protocol}, certificate for ${named(peer)}`,
    `issued by ${printable(firstOf(peer.issuer.CN) ?? 'an authority without a name', 80)}, valid until ${day(peer.valid_to)}`,
    trust.caPem === null
      ? 'checked with the authorities of this system: the pack has no CA certificate'
      : 'checked with the CA certificate of the pack, and no other authority',
  ];
  const faults = [...trustFaults(shaken, trust, nowMs), ...nameFaults(peer, address), ...timeFaults(peer, nowMs)];
  const older = await handshake(address, trust, { maxVersion: 'TLSv1.2' });
  if (typeof older === 'string')
    faults.push(
      inferred(
        'the bridge does not speak TLS 1.2; the Java of an older connector speaks nothing newer',
        'Let whatever ends TLS before the bridge speak TLS 1.2, too.',
      ),
    );
  return stepOf('tls', found, faults);
}

function handshake(
  { host, port }: Address,
  { caPem, certificate }: TlsTrust,
  versions: { readonly maxVersion?: 'TLSv1.2' },
): Promise<Handshake | string> {
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      ...versions,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(caPem === null ? {} : { ca: caPem }),
      ...(certificate === null ? {} : { cert: certificate.certificatePem, key: certificate.privateKeyPem }),
      // Judged below, each thing by itself; no request is made on this connection.
      rejectUnauthorized: false,
    });
    socket.setTimeout(LIMIT_MS, () => {
      socket.destroy();
      resolve(`no answer within ${LIMIT_MS / 1000} seconds`);
    });
    socket.on('error', (error) => {
      resolve(printable(messageOf(error), 120));
    });
    socket.on('secureConnect', () => {
      const distrust = socket.authorized ? '' : codeOf(socket.authorizationError);
      resolve({ protocol: socket.getProtocol() ?? 'TLS', peer: socket.getPeerCertificate(), distrust });
      socket.end();
    });
  });
}

/** Node's types say Error; it is the code of it, as text (measured, Node 20). */
function codeOf(problem: unknown): string {
  if (problem instanceof Error) return 'code' in problem ? String(problem.code) : problem.message;
  return String(problem);
}

function trustFaults({ distrust, peer }: Handshake, { caPem }: TlsTrust, nowMs: number): readonly RehearsalFault[] {
  const isLeafTime = timeFaults(peer, nowMs).some(({ level }) => level === 'error');
  if (distrust === '' || distrust === NAME_FAULT) return [];
  if (isLeafTime && (distrust === 'CERT_HAS_EXPIRED' || distrust === 'CERT_NOT_YET_VALID')) return [];
  if (distrust === 'CERT_HAS_EXPIRED')
    return [
      seen(
        'a CA certificate above it has expired',
        'Make the pack anew and import its CA certificate into the connector again.',
      ),
    ];
  const code = printable(distrust, 60);
  return caPem === null
    ? [
        seen(
          `no authority that this system knows has issued it (${code}), and the pack brings none`,
          'Where the bridge makes its own certificate, start it once and make the pack anew, so that its CA certificate is in it. Else import the certificate of your authority into the connector, too.',
        ),
      ]
    : [
        seen(
          `it was not issued by the CA of the pack (${code})`,
          'The pack is of another bridge, the bridge has a new CA, or something in between (a TLS-inspecting proxy) answers with a certificate of its own. Make the pack anew and import its CA certificate.',
        ),
      ];
}

function nameFaults(peer: PeerCertificate, { host }: Address): readonly RehearsalFault[] {
  if (checkServerIdentity(host, peer) === undefined) return [];
  return [
    seen(
      `the certificate does not name ${host}, the host of the Events URL`,
      'Set server.publicUrl to the name that the connector uses (the own certificate follows it), or get a certificate with that name in its SAN.',
    ),
  ];
}

function timeFaults(peer: PeerCertificate, nowMs: number): readonly RehearsalFault[] {
  const endMs = Date.parse(peer.valid_to);
  if (Date.parse(peer.valid_from) > nowMs)
    return [seen(`the certificate is not valid before ${day(peer.valid_from)}`, 'Check the clocks of both machines.')];
  if (endMs <= nowMs)
    return [
      seen(
        `the certificate has expired on ${day(peer.valid_to)}`,
        'Renew it (server.tls); the bridge renews its own one by itself while it runs. Check the clock of this machine.',
      ),
    ];
  if (endMs - nowMs > SOON_MS) return [];
  const days = Math.floor((endMs - nowMs) / DAY_MS);
  return [
    {
      level: 'warning',
      certainty: 'seen',
      message: `the certificate ends in ${days} days`,
      remedy: 'Renew it in time (server.tls).',
    },
  ];
}

function named({ subjectaltname = '', subject }: PeerCertificate): string {
  const text = subjectaltname === '' ? (firstOf(subject.CN) ?? 'nobody') : subjectaltname;
  return printable(text.replaceAll(/(DNS|IP Address):/g, ''), 200);
}

function firstOf(name: string | string[] | undefined): string | undefined {
  return Array.isArray(name) ? name[0] : name;
}

function day(text: string): string {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? 'an unknown day' : new Date(ms).toISOString().slice(0, 10);
}
