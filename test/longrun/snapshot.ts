import { createHash } from 'node:crypto';

/**
 * What one answer said of an alert, read from Microsoft's JSON by the rules of the design and by nothing of the
 * program's own: this is what it is held against.
 */
export interface Snapshot {
  /** Seven digits, so that it compares as text. */
  readonly updatedAt: string;
  /** The same when nothing changed that a field of the catalogue says. */
  readonly digest: string;
  /** Severity, status, classification and determination, lower case; '' where it is not known. */
  readonly significant: Readonly<Record<string, string>>;
  /** What has to be told of, one by one, each once. */
  readonly things: readonly Thing[];
  /** Files that the alert's processes were started from. */
  readonly images: ReadonlySet<string>;
  readonly devices: readonly string[];
}

/** A thing that stands for itself in the feed. */
export interface Thing {
  readonly type: string;
  /** Values that name it among all of its type. */
  readonly name: string;
  /** Lower case; '' where it is not decided. */
  readonly verdict: string;
  readonly remediation: string;
  /** Of a file, and of the file a process was started from: the same on one device only. */
  readonly file: string | null;
}

/** One evidence item as its API's reader gives it. */
export interface Item extends Thing {
  readonly isContext: boolean;
  readonly createdAt: string;
  /** Everything else that a field says of it. */
  readonly content: string;
  /** Of its file, '' where Microsoft has not looked them up. */
  readonly sha256: string;
  readonly md5: string;
}

/** An alert as its API's reader gives it. */
export interface AlertReading {
  readonly updatedAt: string;
  readonly significant: Readonly<Record<string, string>>;
  readonly content: string;
  readonly items: readonly Item[];
}

const BARE: Thing = { type: 'alert', name: 'alert', verdict: '', remediation: '', file: null };

export function toSnapshot({ updatedAt, significant, content, items }: AlertReading): Snapshot {
  const images = new Set(items.flatMap(({ type, file }) => (type === 'process' && file !== null ? [file] : [])));
  const context = items.filter(({ isContext }) => isContext);
  const standing = standingItems(items, images, context);
  const parts = [content, ...texts(standing), '', ...texts(context)];
  return {
    updatedAt,
    digest: createHash('sha1').update(JSON.stringify(parts)).digest('base64'),
    significant,
    things: standing.length === 0 ? [BARE] : standing,
    images,
    devices: context.filter(({ type }) => type === 'device').map(({ name }) => name),
  };
}

function texts(items: readonly Item[]): readonly string[] {
  return items
    .map(({ content, sha256, md5, verdict, remediation }) => [content, sha256, md5, verdict, remediation].join(' '))
    .toSorted();
}

/** Without context, but for an alert that has nothing else: then its people, else its devices (design: Domain). */
function standingItems(items: readonly Item[], images: ReadonlySet<string>, context: readonly Item[]): readonly Item[] {
  const actionable = withImages(
    items.filter(({ isContext }) => !isContext),
    images,
  );
  if (actionable.length > 0) return once(actionable);
  const people = context.filter(({ type }) => type !== 'device');
  return once(people.length > 0 ? people : context);
}

/** A process and the file it was started from are one item; the file fills what the process leaves open. */
function withImages(items: readonly Item[], images: ReadonlySet<string>): readonly Item[] {
  const isImage = ({ type, file }: Item) => type === 'file' && file !== null && images.has(file);
  const files = items.filter(isImage);
  return items
    .filter((item) => !isImage(item))
    .map((item) => {
      const own = files.filter(({ file }) => file === item.file);
      return own.length === 0 ? item : filled(item, own);
    });
}

function filled(item: Item, files: readonly Item[]): Item {
  const file = together(files);
  return { ...fill(item, file), content: `${item.content} ${file.content}` };
}

function fill(item: Item, other: Item): Item {
  return {
    ...item,
    verdict: item.verdict || other.verdict,
    remediation: item.remediation || other.remediation,
    sha256: item.sha256 || other.sha256,
    md5: item.md5 || other.md5,
  };
}

/** The same thing twice is one; what came up last about it counts. */
function once(items: readonly Item[]): readonly Item[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = `${item.type} ${item.name}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()].map(together);
}

function together(items: readonly Item[]): Item {
  const [latest, ...others] = items.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  if (latest === undefined) throw new RangeError('no items');
  return others.reduce(fill, latest);
}
