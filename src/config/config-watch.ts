import { createHash } from 'node:crypto';
import type { Config } from './config.ts';
import { type ConfigFiles, diskFiles, readFailure } from './config-files.ts';
import { type LoadRequest, loadConfig } from './load.ts';

/** The configuration with every file it is made of. */
export interface ConfigWatch {
  /** Loads it; the files that were looked at are watched from now on, also where it is wrong. @throws ConfigError */
  load(): Promise<Config>;
  /** Stands for the content of the watched files as it was when they were loaded. */
  readonly loaded: () => string;
  /** The same of now. */
  present(): Promise<string>;
}

/**
 * Contents are compared, and not told of changes by the system: a change of a file over NFS, in a container's mount or
 * behind the two symlinks of a Kubernetes secret is told on some systems only, and an editor's rename ends what is told.
 */
export function createConfigWatch(request: LoadRequest): ConfigWatch {
  const { files = diskFiles } = request;
  let watched = new Map<string, string>();

  const load = async (): Promise<Config> => {
    const read = new Map<string, string>();
    const noting: ConfigFiles = {
      ...files,
      async read(path) {
        const bytes = await files.read(path).catch((thrown: unknown) => {
          read.set(path, readFailure(thrown));
          throw thrown;
        });
        read.set(path, digest(bytes));
        return bytes;
      },
    };
    try {
      return await loadConfig({ ...request, files: noting });
    } finally {
      watched = read;
    }
  };

  return {
    load,
    loaded: () => printOf(watched),
    async present() {
      const now = await Promise.all(
        [...watched.keys()].map(async (path) => [path, await contentOf(path, files)] as const),
      );
      return printOf(new Map(now));
    },
  };
}

function contentOf(path: string, files: ConfigFiles): Promise<string> {
  return files.read(path).then(digest, readFailure);
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64');
}

function printOf(contents: ReadonlyMap<string, string>): string {
  return JSON.stringify([...contents].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
