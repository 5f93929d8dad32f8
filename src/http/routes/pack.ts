import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PackFile } from '../../connector/bundle.ts';
import { zipPack } from '../../connector/pack-zip.ts';
import { sendProblem } from '../problem.ts';
import type { App } from '../server.ts';
import type { FeedAccess } from './feed-route.ts';
import { demandOperator } from './guard.ts';

export interface PackRouteDeps extends Pick<FeedAccess, 'access' | 'feeds'> {
  /** The pack of one of the feeds, made now from the running settings; holds no secret. */
  readonly pack: (feed: string) => Promise<readonly PackFile[]>;
}

interface PackRequest {
  Params: { readonly feed: string; readonly file?: string; readonly vendor?: string; readonly product?: string };
}

type Call = FastifyRequest<PackRequest>;

/** `/v1/feeds/{feed}/connector.zip` and `/v1/feeds/{feed}/connector/{file}`, for operators, with ETag and 304. */
export function packRoutes(app: App, deps: PackRouteDeps): void {
  app.get<PackRequest>('/v1/feeds/:feed/connector.zip', async (request, reply) => {
    const files = await admit(request, reply, deps);
    if (files === null) return reply;
    reply.header('content-disposition', `attachment; filename="flexbridge-${request.params.feed}.zip"`);
    return send(request, reply, 'application/zip', zipPack(files));
  });
  for (const path of ['/v1/feeds/:feed/connector/:file', '/v1/feeds/:feed/connector/categorizer/:vendor/:product']) {
    app.get<PackRequest>(path, async (request, reply) => {
      const files = await admit(request, reply, deps);
      if (files === null) return reply;
      const { file, vendor = '', product = '' } = request.params;
      const wanted = file ?? `categorizer/${vendor}/${product}`;
      const found = files.find((candidate) => candidate.path === wanted);
      if (found === undefined) return sendUnknownFile(request, reply, files);
      return send(request, reply, typeOf(found.path), Buffer.from(found.text, 'utf8'));
    });
  }
}

/** Null once a problem has been sent. */
async function admit(
  request: Call,
  reply: FastifyReply,
  { access, feeds, pack }: PackRouteDeps,
): Promise<readonly PackFile[] | null> {
  if ((await demandOperator(request, reply, access)) === null) return null;
  const { feed } = request.params;
  if (feeds.has(feed)) return pack(feed);
  sendProblem(request, reply, {
    status: 404,
    code: 'FEED_UNKNOWN',
    title: 'No such feed',
    detail: 'there is no feed with the name in this URL',
    hint: `Feeds of this bridge: ${[...feeds.keys()].join(', ')}.`,
  });
  return null;
}

/** The bytes, or 304 where the caller has them already. They may be kept, but only for this operator. */
function send(request: Call, reply: FastifyReply, type: string, body: Buffer): FastifyReply {
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
  reply.header('cache-control', 'private, no-cache').header('etag', etag);
  if (!isKnown(etag, request.headers['if-none-match'])) return reply.type(type).send(body);
  return reply.code(304).removeHeader('content-disposition').send();
}

/** RFC 9110 13.1.2: any of a list, compared weakly; `*` for whatever there is. */
function isKnown(etag: string, ifNoneMatch: string | undefined): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['md', 'text/markdown; charset=utf-8'],
  ['csv', 'text/csv; charset=utf-8'],
  ['json', 'application/json; charset=utf-8'],
]);

function typeOf(path: string): string {
  return TYPES.get(path.slice(path.lastIndexOf('.') + 1)) ?? 'text/plain; charset=utf-8';
}

function sendUnknownFile(request: Call, reply: FastifyReply, files: readonly PackFile[]): FastifyReply {
  return sendProblem(request, reply, {
    status: 404,
    code: 'PACK_FILE_UNKNOWN',
    title: 'No such file',
    detail: 'the pack of this feed has no file with the name in this URL',
    hint: `Its files: ${files.map(({ path }) => path).join(', ')}.`,
  });
}
