import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { plainText } from './plain-text.ts';

const TIMEOUT_MS = 5_000;

/**
 * Who signed the certificate that a host shows, for the message of a failed TLS handshake: the name on a proxy's root
 * tells an administrator at once what is in between. Nothing is sent. Null when it cannot be found out.
 * @param tunnel a connection to the host that is there already; without it a new one is made, past any proxy
 */
export function readPeerIssuer(url: URL, tunnel?: Duplex): Promise<string | null> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? 443 : Number(url.port);
  return new Promise((resolve) => {
    // Verification is off because this connection exists to read the certificate that failed it.
    const socket = connect({
      ...(tunnel === undefined ? { host, port } : { socket: tunnel }),
      rejectUnauthorized: false,
      ...(isIP(host) === 0 && { servername: host }),
    });
    const finish = (issuer: string | null) => {
      socket.destroy();
      resolve(issuer);
    };
    socket.setTimeout(TIMEOUT_MS, () => {
      finish(null);
    });
    socket.once('error', () => {
      finish(null);
    });
    socket.once('secureConnect', () => {
      finish(rootIssuer(socket));
    });
  });
}

/** The last issuer of the chain that the other side has shown, as one line; null when it showed none. */
export function rootIssuer(socket: TLSSocket): string | null {
  let certificate = socket.getPeerX509Certificate();
  while (certificate?.issuerCertificate !== undefined) certificate = certificate.issuerCertificate;
  return certificate === undefined ? null : plainText(certificate.issuer.replaceAll('\n', ', '));
}
