/** One file of the bundle. */
export interface BundlePart {
  /** Inside the zip, with `/`. */
  readonly path: string;
  /** What it is, for the list of contents: a few words. */
  readonly about: string;
  readonly text: string;
}

/** A file that could not be made. */
export interface MissingPart {
  readonly path: string;
  readonly because: string;
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
