import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { feedRules } from '../bridge-feeds.ts';
import { loadConfig } from '../config/load.ts';
import { toCef } from '../connector/interpreter/cef.ts';
import { type ArcSightEvent, interpret } from '../connector/interpreter/interpret.ts';
import { loadParser } from '../connector/interpreter/load-parser.ts';
import { type ParserSettings, renderParserFile } from '../connector/parser-file.ts';
import { normalisePayload } from '../defender/map/payload.ts';
import { DEFAULT_CHOICES } from '../domain/arcsight-choices.ts';
import { BridgeError, messageOf } from '../domain/errors.ts';
import type { FeedRules } from '../domain/feed-rules.ts';
import type { Layout } from '../domain/field.ts';
import type { Console } from './console.ts';
import { eventHeader, eventLine } from './event-table.ts';
import { chooseFeed } from './feed-choice.ts';
import { PREVIEW_TENANT, previewFeed } from './preview-feed.ts';

export interface PreviewOptions {
  readonly config?: string;
  readonly input: string;
  readonly feed?: string;
  readonly feedJson?: boolean;
  readonly ndjson?: boolean;
  readonly cef?: boolean;
  readonly layout?: string;
}

/**
 * Runs a payload of Microsoft through normaliser, renderer and the generated parser file, as the bridge and ArcSight would:
 * with the settings of a feed, or with the defaults and every change.
 */
export async function preview(options: PreviewOptions, { out, err, cwd }: Console): Promise<number> {
  const { settings, rules } = await previewedAs(options);
  const { records, rejected } = normalisePayload(await readPayload(resolve(cwd, options.input)));
  for (const { id, reason } of rejected) err(`left out: ${id ?? 'a record without id'}: ${reason}\n`);
  if (records.length === 0 && rejected.length > 0) return 1;
  const { json, filtered } = previewFeed(records, rules);
  if (filtered > 0) err(`kept out by the filter of the feed ${rules.name}: ${filtered}\n`);
  if (options.feedJson) {
    out(`${json}\n`);
    return 0;
  }
  const { definition } = loadParser(Buffer.from(renderParserFile(settings), 'latin1'));
  const { events, warnings } = interpret(definition, json);
  for (const warning of warnings) err(`parser: ${warning.message}\n`);
  out(format(events, options));
  return 0;
}

interface Previewed {
  readonly settings: ParserSettings;
  readonly rules: FeedRules;
}

async function previewedAs({ feed: name, config, layout }: PreviewOptions): Promise<Previewed> {
  const asked = layout === undefined ? null : toLayout(layout);
  const tenantIds = new Set([PREVIEW_TENANT.tenantId]);
  if (name === undefined) {
    const rules = { ...WITHOUT_FEED, tenantIds, layout: asked ?? WITHOUT_FEED.layout };
    return { settings: { ...rules, feed: rules.name, choices: DEFAULT_CHOICES }, rules };
  }
  const feed = chooseFeed(name, await loadConfig({ argvPath: config }));
  const rules = { ...feedRules(feed, []), tenantIds, layout: asked ?? feed.layout };
  return { settings: { ...rules, feed: name, choices: feed.arcsight }, rules };
}

/** Everything the payload says, as Microsoft mapped it. */
const WITHOUT_FEED = {
  name: 'preview',
  detections: 'perEvidence',
  changes: 'all',
  layout: 'microsoft',
  receiptTime: 'feed',
  arcsight: DEFAULT_CHOICES,
  minSeverity: 'Informational',
  categories: new Set<string>(),
  initialLookbackMs: 0,
} as const satisfies Omit<FeedRules, 'tenantIds'>;

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
