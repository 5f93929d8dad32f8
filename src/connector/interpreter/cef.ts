import { CEF_FIELDS, labelOf } from './cef-dictionary.ts';
import type { ArcSightEvent } from './interpret.ts';
import { visibleText } from './visible-text.ts';

const LABELLED = new Set([...CEF_FIELDS.keys()].map(labelOf));

/**
 * The event as one CEF:0 line without line end, laid out as SmartConnectors do: severity word in the header, a blank
 * after the last pipe, values before labels, `_cefVer`, then additional data as `ad.<name>`.
 *
 * In values a line feed is `\n` and a carriage return `\r`, as CEF has it; in the header, where CEF has no way to write
 * them, a blank. Other control characters, line separators, bidirectional controls and lone surrogates are written out
 * as their number (`\\u001b`: the backslash is text and escaped), so the line stays one line and harms no terminal.
 */
export function toCef({ fields, severity, additionalData }: ArcSightEvent): string {
  const header = ['deviceVendor', 'deviceProduct', 'deviceVersion', 'deviceEventClassId', 'name'].map((field) =>
    headerText(String(fields[field] ?? '')),
  );
  const values: string[] = [];
  const labels: string[] = [];
  for (const [field, value] of Object.entries(fields)) {
    const key = CEF_FIELDS.get(field)?.cefKey;
    if (key === undefined || key === null || value === '') continue;
    (LABELLED.has(field) ? labels : values).push(`${key}=${extensionText(String(value))}`);
  }
  const additional = Object.entries(additionalData).map(
    ([name, value]) => `ad.${additionalKey(name)}=${extensionText(value)}`,
  );
  const extension = [...values, ...labels, '_cefVer=0.1', ...additional].join(' ');
  return `CEF:0|${header.join('|')}|${severity}| ${extension}`;
}

function headerText(text: string): string {
  return visibleText(text.replace(/\r\n|[\r\n]/g, ' ')).replace(/[\\|]/g, '\\$&');
}

function extensionText(text: string): string {
  const lines = text.split(/(\r|\n)/);
  const escaped = (part: string): string => visibleText(part).replace(/[\\=]/g, '\\$&');
  return lines.map((part) => (part === '\n' ? '\\n' : part === '\r' ? '\\r' : escaped(part))).join('');
}

/** Connectors write a blank as `_,`; what else could end a key becomes `_`. */
function additionalKey(name: string): string {
  return name.replaceAll(' ', '_,').replace(/[^A-Za-z0-9_.,-]/g, '_');
}
