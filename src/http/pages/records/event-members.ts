import { shortText } from './shown-text.ts';

/** Reads members of an event for a list: texts are cut, what is not there is empty. One that cannot be read has none. */
export function memberReader(text: string): (name: string) => string {
  const members = new Map<string, unknown>(Object.entries(parsed(text)));
  return (name) => {
    const value = members.get(name);
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' ? shortText(value) : '';
  };
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
