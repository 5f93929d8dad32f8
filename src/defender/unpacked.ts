import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BridgeError } from '../domain/errors.ts';

/**
 * The body as it was before it was packed for the way (undici's `request` leaves that to its caller). Unpacks no more
 * than is read, so that whoever counts the bytes is safe from a small body that unpacks to a huge one.
 */
export function unpacked(body: Readable, encoding: string | undefined, url: URL): AsyncIterable<Uint8Array> {
  const packing = (encoding ?? '').trim().toLowerCase();
  if (packing === '' || packing === 'identity') return body;
  if (packing === 'gzip' || packing === 'x-gzip') {
    // The failure reaches whoever reads the result; here it has only to be taken note of.
    return pipeline(body, createGunzip(), () => undefined);
  }
  body.destroy();
  throw new BridgeError({
    code: 'UPSTREAM_BAD_ENCODING',
    kind: 'upstream',
    message: `${url.host} packed its answer in a way that was not asked for (content-encoding; only gzip was).`,
    hint: 'A proxy in between packs answers anew. Let it pass this host unchanged.',
  });
}
