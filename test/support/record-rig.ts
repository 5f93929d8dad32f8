import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderPack } from '../../src/connector/bundle.ts';
import type { AppDeps } from '../../src/http/app.ts';
import type { App, ServerCertificate } from '../../src/http/server.ts';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { createSqliteStore } from '../../src/store/sqlite-detection-store.ts';
import { aFeed, TENANT } from '../contract/detection-store.ts';
import { createAnswerCheck } from './answer-check.ts';
import { type SteppedClock, steppedClock } from './clock.ts';
import { someFeedSettings } from './feed-settings.ts';
import type { Answer } from './https.ts';
import { type Cookies, type Sent, signIn } from './oauth-rig.ts';
import { packSettings } from './pack-settings.ts';
import { stubAccess, stubApp } from './stub-app.ts';

/** The pages about records on a real store, with nothing of the feeds behind them; any password is right. */
export interface RecordRig {
  readonly app: App;
  readonly store: DetectionStore;
  readonly clock: SteppedClock;
  /** Answers are held to the OpenAPI document. */
  send(path: string, sent?: Sent): Promise<Answer>;
  readonly answered: ReadonlySet<string>;
  /** As an operator who has signed in. */
  look(path: string): Promise<Answer>;
  /** From now on every call of the store fails. */
  breakStore(): void;
  close(): Promise<void>;
}

export async function createRecordRig(
  deps: Partial<AppDeps> = {},
  tls: ServerCertificate | null = null,
): Promise<RecordRig> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'flexbridge-records-'));
  const clock = steppedClock('2026-03-01T00:00:00Z');
  const store = createSqliteStore({ path: join(folder, 'events.db'), clock });
  await store.ensureFeeds([aFeed(), aFeed({ name: 'hunting' })]);
  let isBroken = false;
  const fragile = new Proxy(store, {
    get: (target, name) =>
      isBroken
        ? () => Promise.reject(new Error(`disk I/O error in ${folder}`))
        : (Reflect.get(target, name) as unknown),
  });
  const check = createAnswerCheck();
  const feeds = new Map(['default', 'hunting'].map((name) => [name, someFeedSettings({ name })]));
  const access = { ...stubAccess(null), isOperator: () => Promise.resolve(true) };
  const app = await stubApp(null, {
    ...{ access, clock, feeds, tls, store: fragile },
    pack: (feed) => Promise.resolve(renderPack(packSettings({ feed }))),
    tenantName: (id) => (id === TENANT.tenantId ? TENANT.name : id),
    ...deps,
  });
  let session: Cookies | null = null;

  const rig: RecordRig = {
    app,
    store,
    clock,
    async send(path, { method = 'GET', form, cookies, headers = {} } = {}) {
      const payload = typeof form === 'object' ? new URLSearchParams(form).toString() : form;
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await app.inject({
        ...{ method, url: path, ...(payload !== undefined && { payload }) },
        headers: { ...(payload !== undefined && type), ...(cookies && { cookie: cookies.header() }), ...headers },
      });
      cookies?.take(answer.headers['set-cookie']);
      const { statusCode: status, body } = answer;
      const seen = { status, headers: answer.headers as Answer['headers'], body };
      check.check(path, { method }, seen);
      return seen;
    },
    answered: check.seen,
    async look(path) {
      session ??= await signIn(rig);
      return rig.send(path, { cookies: session });
    },
    breakStore() {
      isBroken = true;
    },
    async close() {
      await app.close();
      isBroken = false;
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
  return rig;
}
