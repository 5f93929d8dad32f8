import { systemClock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import { auditLogins } from './connector-audit.ts';
import { type ConnectorBook, createdConnector } from './connector-book.ts';
import { type ConnectorOptions, checkKind } from './connector-options.ts';
import { makeProof, proofHashes, proofWord, withProofHashes } from './connector-proof.ts';
import { publishLogin } from './connector-publish.ts';
import { readProofCertificate, requireServable } from './connector-servable.ts';
import type { Console } from './console.ts';

/** Gives a connector a second secret or certificate beside the first, so that nothing stops while it is taken over. */
export async function rotateConnector(
  book: ConnectorBook,
  name: string,
  options: ConnectorOptions,
  console: Console,
): Promise<void> {
  const found = createdConnector(book, name, 'rotate');
  const { kind } = found.auth;
  const hashes = proofHashes(found.auth);
  if (hashes.length > 1) throw rotating(name, proofWord(kind));
  checkKind(kind, options);
  requireServable(book, kind);
  const proof = makeProof(kind, readProofCertificate(book, kind, options, console.cwd));
  const connector = { ...found, auth: withProofHashes(found.auth, [proof.hash, ...hashes]) };
  const notes = [`Once the connector has the new one: flexbridge connector end-rotation ${name}`];
  await publishLogin(book, { connector, proof, notes, step: 'rotate', nowMs: systemClock.now() }, options, console);
}

/** Drops the older of two. */
export async function endRotation(
  book: ConnectorBook,
  name: string,
  { json }: ConnectorOptions,
  console: Console,
): Promise<void> {
  const found = createdConnector(book, name, 'change');
  const { kind } = found.auth;
  const newest = proofHashes(found.auth).slice(0, 1);
  if (proofHashes(found.auth).length < 2) {
    throw new BridgeError({
      code: 'CONNECTOR_NOT_ROTATING',
      kind: 'operator',
      message: `${name} has one ${proofWord(kind)} only, so no rotation can end`,
      hint: `flexbridge connector rotate ${name} gives it a second one. To shut it out: flexbridge connector revoke ${name}.`,
    });
  }
  book.access.putConnector({ ...found, auth: withProofHashes(found.auth, newest) });
  console.out(
    json
      ? `${JSON.stringify({ connector: name, kind, rotating: false }, null, 2)}\n`
      : `Dropped the older ${proofWord(kind)} of ${name}; the one made last is valid.\nA running bridge refuses the older one within a second.\n`,
  );
  await auditLogins(book.config, 'connector-end-rotation', { connector: name, kind }, console);
}

function rotating(name: string, word: string): BridgeError {
  return new BridgeError({
    code: 'CONNECTOR_ROTATING',
    kind: 'operator',
    message: `a rotation of ${name} has not ended: it has two valid ${word}s`,
    hint: `Once the connector uses the newer one: flexbridge connector end-rotation ${name}. Then rotate again.`,
  });
}
