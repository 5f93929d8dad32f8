import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { openCertificate } from '../../bridge-certificate.ts';
import { knownConnectors, packSettings } from '../../bridge-pack.ts';
import type { Config, FeedConfig } from '../../config/config.ts';
import { renderPack, writePack } from '../../connector/bundle.ts';
import { renderClientFile } from '../../connector/client-file.ts';
import { keepSecret } from '../../connector/keep-secret.ts';
import { systemClock } from '../../domain/clock.ts';
import { stageClientFile } from '../connector-client-file.ts';
import { notePack } from '../pack-notes.ts';
import type { IssuedLogin } from './issue-login.ts';

/** The files for ArcSight, as they were written. */
export interface WrittenPack {
  readonly folder: string;
  readonly feed: string;
  /** SHA-256 of the CA that the connector has to trust; null where the certificate is somebody else's. */
  readonly caFingerprint: string | null;
}

/** Writes the pack as `generate` does, with the client secret in its client file; the bridge's certificate is made first. */
export async function writeSetupPack(
  config: Config,
  feed: FeedConfig,
  folder: string,
  login: IssuedLogin,
): Promise<WrittenPack> {
  await openCertificate(config.server, { clock: systemClock, emit: () => undefined });
  const settings = await packSettings(config, feed, knownConnectors(config), login.name);
  const files = renderPack(settings);
  const clientFile = `${feed.name}.properties`;
  const kept = login.clientSecret === null ? await keepSecret(folder, files, clientFile) : null;
  await writePack(folder, kept?.files ?? files);
  if (login.clientSecret !== null) {
    const { clientSecret } = login;
    stageClientFile(join(folder, clientFile), renderClientFile({ ...settings, clientSecret })).commit();
  }
  await notePack(config.dataDir, { feed: feed.name, folder, connector: login.name, writtenMs: systemClock.now() });
  const { caPem } = settings;
  return { folder, feed: feed.name, caFingerprint: caPem === null ? null : new X509Certificate(caPem).fingerprint256 };
}
