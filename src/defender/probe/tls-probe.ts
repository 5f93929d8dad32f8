import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { readCertificates } from '../dispatcher.ts';
import { failureCode } from '../network-error.ts';
import { rootIssuer } from '../peer-issuer.ts';
import { plainText } from '../plain-text.ts';
import type { Trust } from '../trust.ts';

export interface TlsFault {
  readonly meaning: string;
  readonly remedy: string;
}

export interface TlsProbeDeps {
  readonly caPem: string | null;
  readonly trust: Trust;
  /** Of the handshake, milliseconds. */
  readonly timeoutMs: number;
}

const TIME_CODES = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];
const NAME_CODES = ['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH'];

/**
 * A TLS handshake with a host as a request would make it. The certificate is read whether it is trusted or not, so that
 * who issued it can be told; nothing is sent. Takes the socket over and closes it.
 */
export function shakeHands(
  socket: Socket,
  url: URL,
  { caPem, trust, timeoutMs }: TlsProbeDeps,
): Promise<{ readonly issuer: string | null } | { readonly fault: TlsFault }> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secureContext = caPem === null ? {} : { secureContext: trust(readCertificates(caPem)) };
  return new Promise((resolve) => {
    const tls = connect({
      socket,
      ...secureContext,
      // With a socket of one's own Node takes the name to be verified from `host`.
      host,
      ...(isIP(host) === 0 && { servername: host }),
      minVersion: 'TLSv1.2',
      rejectUnauthorized: false,
    });
    const finish = (outcome: { readonly issuer: string | null } | { readonly fault: TlsFault }): void => {
      clearTimeout(timer);
      tls.destroy();
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => {
      finish({ fault: noTls(url, 'no answer in time') });
    }, timeoutMs);
    tls.on('error', (error) => {
      finish({ fault: noTls(url, failureCode(error)) });
    });
    tls.once('secureConnect', () => {
      const issuer = rootIssuer(tls);
      finish(tls.authorized ? { issuer } : { fault: distrusted(url, tls, issuer, caPem !== null) });
    });
  });
}

function noTls(url: URL, code: string): TlsFault {
  return {
    meaning: `${url.host} takes the connection, but does not speak TLS 1.2 or later with this host (${plainText(code)}).`,
    remedy:
      'Check that the endpoint is an https URL with the right port. If it is, a firewall or proxy cuts TLS off: ask the people who run it to let this host through.',
  };
}

function distrusted(url: URL, tls: TLSSocket, issuer: string | null, hasCa: boolean): TlsFault {
  const code = plainText(codeOf(tls.authorizationError));
  const by = issuer ?? 'an issuer without a name';
  const certificate = tls.getPeerX509Certificate();
  if (TIME_CODES.includes(code))
    return {
      meaning: `The certificate that ${url.host} shows, issued by ${by}, is valid from ${certificate?.validFrom ?? '?'} to ${certificate?.validTo ?? '?'} and not now (${code}).`,
      remedy:
        'Check date and time of this host first. If they are right, whoever runs the proxy in between, or that server, must renew the certificate.',
    };
  if (NAME_CODES.includes(code))
    return {
      meaning: `What answers as ${url.host} shows a certificate of another name (${plainText(certificate?.subjectAltName ?? certificate?.subject ?? 'none')}), issued by ${by} (${code}).`,
      remedy:
        'Check `endpoints` of the tenant for a misspelt host, and whether a proxy or a wrong DNS entry leads to another server.',
    };
  return {
    meaning: `The certificate that ${url.host} shows comes from no authority that is trusted here. It looks like TLS inspection by ${by} (${code}).`,
    remedy: hasCa
      ? `The caFile of the tenant does not hold the root certificate of ${by}. If that is your own proxy or firewall, put its root certificate (PEM) there, then restart the bridge.`
      : `If ${by} is your own proxy or firewall, put its root certificate (PEM) into tenants[].caFile, then restart the bridge. If nobody knows it, somebody reads along: do not trust it.`,
  };
}

/** Node's types say Error; it is the code of it, as text (measured, Node 20). */
function codeOf(problem: unknown): string {
  if (problem instanceof Error) return failureCode(problem);
  return String(problem);
}
