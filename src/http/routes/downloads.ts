import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PackFile } from '../../connector/bundle.ts';
import { zipPack } from '../../connector/pack-zip.ts';
import { toBridgeError } from '../../domain/errors.ts';
import type { Sessions } from '../oauth/sessions.ts';
import { type Download, downloadsPage, type FeedDownloads } from '../pages/downloads-page.ts';
import { sendPage } from '../pages/send-page.ts';
import type { PackRouteDeps } from './pack.ts';
import { demandSession } from './session-guard.ts';

export interface DownloadsDeps extends Pick<PackRouteDeps, 'feeds' | 'pack'> {
  readonly sessions: Sessions;
}

/** The pack of every feed with the hashes of its files. */
export async function showDownloads(
  request: FastifyRequest,
  reply: FastifyReply,
  { sessions, feeds, pack }: DownloadsDeps,
): Promise<FastifyReply> {
  const session = demandSession(request, reply, sessions);
  if (session === null) return reply;
  const downloads = await Promise.all([...feeds.keys()].map((feed) => downloadsOf(feed, pack)));
  return sendPage(reply, 200, downloadsPage(downloads, session));
}

async function downloadsOf(feed: string, pack: DownloadsDeps['pack']): Promise<FeedDownloads> {
  try {
    return present(feed, await pack(feed));
  } catch (thrown) {
    const { kind, message, hint } = toBridgeError(thrown);
    if (kind === 'bug') throw thrown;
    return { kind: 'failed', feed, message, hint };
  }
}

function present(feed: string, files: readonly PackFile[]): FeedDownloads {
  const base = `/v1/feeds/${feed}`;
  return {
    kind: 'pack',
    feed,
    zip: download('connector.zip', `${base}/connector.zip`, zipPack(files)),
    files: files.map(({ path, text }) => download(path, `${base}/connector/${path}`, Buffer.from(text, 'utf8'))),
  };
}

function download(name: string, href: string, body: Buffer): Download {
  return { name, href, bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') };
}
