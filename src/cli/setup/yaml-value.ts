/** Words that YAML takes for something else than text (1.1 and 1.2). */
const WORDS = /^(?:y|n|yes|no|true|false|on|off|null|nan|inf)$/i;
/** Letters first, and nothing that YAML could take for a sign of its own. */
const PLAIN = /^[A-Za-z][A-Za-z0-9_-]*(?:[./][A-Za-z0-9_-]+)*$/;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const URL_TEXT = /^https?:\/\/[A-Za-z0-9.-]+(?::\d+)?(?:\/[A-Za-z0-9._/-]+)?$/;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** A text as a YAML value that reads back as that text; what could be misread stands in double quotes. */
export function yamlValue(text: string): string {
  const isPlain = [PLAIN, GUID, URL_TEXT, IPV4].some((form) => form.test(text)) && !WORDS.test(text);
  // JSON's escapes are a part of YAML's; the three that JSON leaves as they are would end a line.
  return isPlain ? text : JSON.stringify(text).replaceAll(/[\u0085\u2028\u2029\u007f-\u009f\ufeff]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
