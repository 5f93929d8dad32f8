import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { toCef } from '../connector/interpreter/cef.ts';
import { type ArcSightEvent, interpret } from '../connector/interpreter/interpret.ts';
import { loadParser } from '../connector/interpreter/load-parser.ts';
import { renderParserFile } from '../connector/parser-file.ts';
import { normalisePayload } from '../defender/map/payload.ts';
import type { AlertState } from '../domain/alert-state.ts';
import type { AlertRecord } from '../domain/detection.ts';
import { BridgeError, messageOf } from '../domain/errors.ts';
import type { Layout } from '../domain/field.ts';
import { instantToMs } from '../domain/instant.ts';
import { takeIn } from '../domain/intake.ts';
import { renderEvent } from '../domain/render.ts';
import type { Console } from './console.ts';
import { eventHeader, eventLine } from './event-table.ts';

interface PreviewOptions {
  readonly input: string;
  readonly feedJson?: boolean;
  readonly ndjson?: boolean;
  readonly cef?: boolean;
  readonly layout: string;
}

const TENANT = { tenantId: '00000000-0000-0000-0000-000000000000', tenantName: 'preview' };

/** Runs a payload of Microsoft through normaliser, renderer and the generated parser file, as the bridge and ArcSight would. */
export async function preview(options: PreviewOptions, { out, err, cwd }: Console): Promise<number> {
  const layout = toLayout(options.layout);
  const { records, rejected } = normalisePayload(await readPayload(resolve(cwd, options.input)));
  for (const { id, reason } of rejected) err(`left out: ${id ?? 'a record without id'}: ${reason}\n`);
  if (records.length === 0 && rejected.length > 0) return 1;
  const feedJson = renderFeed(records);
  if (options.feedJson) {
    out(`${feedJson}\n`);
    return 0;
  }
  const parserFile = renderParserFile({ feed: 'preview', layout, receiptTime: 'feed' });
  const { definition } = loadParser(Buffer.from(parserFile, 'latin1'));
  const { events, warnings } = interpret(definition, feedJson);
  for (const warning of warnings) err(`parser: ${warning.message}\n`);
  out(format(events, options));
  return 0;
}

/** The feed's array, as of a bridge that has seen none of it before: every record stored when it was last updated. */
function renderFeed(records: readonly AlertRecord[]): string {
  const states = new Map<string, AlertState>();
  let feedSeq = 0;
  const bodies = records.flatMap((record) => {
    const source = record.scope === 'part' ? 'siem-detections' : 'graph-alerts';
    const known = states.get(`${source} ${record.alertId}`) ?? null;
    const intake = takeIn(known, record, { tenantId: TENANT.tenantId, source, sources: [source] });
    if (intake.outcome !== 'fresh' && intake.outcome !== 'changed') return [];
    states.set(`${source} ${record.alertId}`, intake.state);
    const storedMs = instantToMs(record.lastUpdate);
    // No filter has kept anything out of this feed.
    const events = intake.emissions.filter(({ change }) => change !== 'admitted');
    return events.map((emission) => {
      feedSeq += 1;
      return `${renderEvent({ ...TENANT, emission, feedSeq, storedMs }).text},"FeedTime":${storedMs}}`;
    });
  });
  return `[${bodies.join(',')}]`;
}

function format(events: readonly ArcSightEvent[], { cef, ndjson }: PreviewOptions): string {
  if (cef) return events.map((event) => `${toCef(event)}\n`).join('');
  if (ndjson) return events.map((event) => `${JSON.stringify(flat(event))}\n`).join('');
  return [eventHeader(), ...events.map(eventLine)].map((line) => `${line}\n`).join('');
}

/** ArcSight field names at the top; the severity that ESM sees is `agentSeverity`. */
function flat({ fields, severity, additionalData }: ArcSightEvent): object {
  return { ...fields, agentSeverity: severity, additionalData };
}

function toLayout(text: string): Layout {
  if (text === 'microsoft' || text === 'esm') return text;
  throw new BridgeError({
    code: 'LAYOUT',
    kind: 'operator',
    message: `there is no layout ${JSON.stringify(text)}`,
    hint: 'Use microsoft or esm.',
  });
}

/** Far above any answer of Microsoft's; ends the reading of what has no end. */
const MOST_BYTES = 256 * 1024 * 1024;

async function readPayload(path: string): Promise<unknown> {
  const bytes = await readBytes(path);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : 'it is not UTF-8 text';
    throw unreadable(`${path} is not JSON: ${reason}`, cause);
  }
}

async function readBytes(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MOST_BYTES) break;
    }
  } catch (cause) {
    throw unreadable(`cannot read ${path}: ${messageOf(cause)}`, cause);
  }
  if (size > MOST_BYTES)
    throw unreadable(`${path} has more than ${MOST_BYTES / 2 ** 20} MB, the most that preview reads`);
  return Buffer.concat(chunks);
}

function unreadable(message: string, cause?: unknown): BridgeError {
  return new BridgeError({
    code: 'INPUT_UNREADABLE',
    kind: 'operator',
    message,
    hint: 'Give a file with what Microsoft answered: {"value":[...]}, an array of alerts or detections, or one of them.',
    cause,
  });
}
