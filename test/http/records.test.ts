import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BridgeError } from '../../src/domain/errors.ts';
import { RECORD_OPERATIONS } from '../../src/http/schemas/record-operations.ts';
import { aBatch, aRecordAside } from '../contract/detection-store.ts';
import { anAlert, anEvidence } from '../support/alerts.ts';
import { hostileText } from '../support/hostile-text.ts';
import { createCookies, hiddenField } from '../support/oauth-rig.ts';
import { pageFaults, pageText } from '../support/page-check.ts';
import { createRecordRig, type RecordRig } from '../support/record-rig.ts';

const PAGES = [
  '/status/events',
  '/status/events?feed=hunting&search=a%20%26%20b',
  '/status/events/default/1',
  '/status/quarantine',
  '/status/quarantine/1',
  '/status/audit',
];
const answered = new Set<string>();

const titled = (alertId: string, AlertTitle: string, raw = JSON.stringify({ id: alertId })) =>
  anAlert({
    alertId,
    raw,
    facts: { AlertId: alertId, AlertTitle, Severity: 'High', ComputerDnsName: `pc-${alertId}` },
  });

async function withRig(work: (rig: RecordRig) => Promise<void>, deps: Parameters<typeof createRecordRig>[0] = {}) {
  const rig = await createRecordRig(deps);
  try {
    await work(rig);
  } finally {
    for (const what of rig.answered) answered.add(what);
    await rig.close();
  }
}

/** Links of a page by their text. */
function links(page: string): ReadonlyMap<string, string> {
  const found = [...page.matchAll(/<a href="([^"]*)"[^>]*>([^<]*)<\/a>/g)];
  return new Map(found.map(([, href = '', text = '']) => [text, href.replaceAll('&amp;', '&')]));
}

describe('the pages about records', () => {
  let rig: RecordRig;
  const raw = '{"id":"da-1","count":12345678901234567890,"list":[],"text":"a\\u0001b"}';

  beforeAll(async () => {
    rig = await createRecordRig();
    await rig.store.append(aBatch({ records: [titled('da-1', 'First one', raw), titled('da-2', 'Second')] }));
    await rig.store.append(aBatch({ setAside: [aRecordAside({ id: 'da-9', raw: '{"secret of":"the record"}' })] }));
    await rig.store.addAudit({ who: 'kim', action: 'replay', details: { feed: 'default', events: 3 } });
    await rig.store.addAudit({ who: 'ops', action: 'sign-in', details: { address: '192.0.2.7' } });
  });
  afterAll(async () => {
    for (const what of rig.answered) answered.add(what);
    await rig.close();
  });

  it.each(PAGES)('send whoever has not signed in to the sign-in and back: %s', async (path) => {
    const cookies = createCookies();
    const basic = { authorization: `Basic ${Buffer.from('ops:password').toString('base64')}` };
    for (const headers of [{}, basic]) {
      const { status, headers: answer, body } = await rig.send(path, { cookies, headers });
      expect([status, answer['location'], body]).toEqual([303, `/signin?return=${encodeURIComponent(path)}`, '']);
    }
    const form = await rig.send(`/signin?return=${encodeURIComponent(path)}`, { cookies });
    const sent = { csrf: hiddenField(form.body, 'csrf'), return: path, name: 'ops', password: 'x' };
    const signedIn = await rig.send('/signin', { method: 'POST', cookies, form: sent });
    expect(signedIn.headers['location']).toBe(path);
    expect((await rig.send(path, { cookies })).status).toBe(200);
  });

  it.each(PAGES)('run nothing, load the stylesheet alone and are kept by nobody: %s', async (path) => {
    const { status, headers, body } = await rig.look(path);
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:/);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).not.toContain('<script');
    expect(pageFaults(body)).toEqual([]);
  });

  it('list the events of a feed, newest first, each with a link', async () => {
    const { body } = await rig.look('/status/events');
    const text = pageText(body);
    expect(text.indexOf('Second')).toBeLessThan(text.indexOf('First one'));
    for (const words of ['High', 'pc-da-1', 'new', '2026-03-01 00:00:00 UTC']) expect(text).toContain(words);
    expect(body).toContain('href="/status/events/default/2"');
    expect(body).toContain('<option selected>default</option>');
    expect(pageText((await rig.look('/status/events?feed=hunting')).body)).toContain('Events of the feed hunting');
  });

  it('find events by a part of their text, whatever the case, and keep the words in the form', async () => {
    const { body } = await rig.look('/status/events?feed=default&search=FIRST%20o');
    expect(pageText(body)).toContain('First one');
    expect(pageText(body)).not.toContain('Second');
    expect(body).toContain('value="FIRST o"');
    expect(pageText((await rig.look('/status/events?search=nowhere')).body)).toContain('No event has this text.');
  });

  it("show Microsoft's record as it was received, the event of the feed, the event in ArcSight and the CEF line", async () => {
    const text = pageText((await rig.look('/status/events/default/1')).body);
    // Neither rounded nor unescaped: it is laid out, not read and printed anew.
    expect(text).toContain('{ "id": "da-1", "count": 12345678901234567890, "list": [], "text": "a\\u0001b" }');
    expect(text).toContain('"AlertTitle": "First one"');
    expect(text).toContain(`"FeedTime": ${rig.clock.now()}`);
    expect(text).toMatch(/ deviceEventClassId +defender:/);
    expect(text).toMatch(/ name +First one/);
    expect(text).toMatch(/CEF:0\|Microsoft\|[^|]*\|[^|]*\|defender:[^|]*\|First one\|High\| /);
    expect(text).toContain('flexbridge replay --feed default --position 1');
  });

  it('say that an event of the bridge has no record', async () => {
    const words = { title: 'A test', text: 'x', reason: 'asked' };
    const seq = await rig.store.appendNotice({
      ...{ feed: 'hunting', kind: 'test', ...words, recipient: null, commandId: null },
    });
    const { status, body } = await rig.look(`/status/events/hunting/${seq ?? 0}`);
    expect(status).toBe(200);
    expect(pageText(body)).toContain("the event is one of the bridge's own");
    expect(pageText(body)).toContain('bridge:test');
  });

  it.each([
    '/status/events?feed=none',
    '/status/events/none/1',
    '/status/events/default/99',
    '/status/events/default/0',
    '/status/events/default/-1',
    '/status/events/default/x',
    '/status/events/default/99999999999999',
    '/status/events/DEFAULT/1',
    '/status/quarantine/99',
    '/status/quarantine/x',
  ])('have a page for what is not there: %s', async (path) => {
    const { status, body } = await rig.look(path);
    expect(status).toBe(404);
    expect(pageText(body)).toContain('Not found');
  });

  it('list what is set aside without what Microsoft sent, which is on a page of its own', async () => {
    const list = pageText((await rig.look('/status/quarantine')).body);
    for (const words of ['contoso/graph-alerts', 'da-9', 'the alert has no id', 'flexbridge quarantine retry --all'])
      expect(list).toContain(words);
    expect(list).not.toContain('secret of');
    const entry = pageText((await rig.look('/status/quarantine/1')).body);
    expect(entry).toContain('{ "secret of": "the record" }');
    expect(entry).toContain('flexbridge quarantine retry 1');
    expect(entry).toContain('2026-03-01 01:00:00 UTC');
    await rig.store.retryQuarantine('all');
    expect(pageText((await rig.look('/status/quarantine/1')).body)).toContain('next poll');
  });

  it('list the audit trail, newest first', async () => {
    const text = pageText((await rig.look('/status/audit')).body);
    expect(text).toMatch(/ops +sign-in +address 192\.0\.2\.7 .* kim +replay +feed default, events 3/);
  });
});

describe('a long list of events', () => {
  it('is read in pages of fifty, to older ones and back, with the words kept', async () => {
    await withRig(async (rig) => {
      const records = Array.from({ length: 120 }, (_, one) => titled(`da-${one}`, `Title ${one}`));
      await rig.store.append(aBatch({ records }));
      for (const query of ['', '&search=title']) {
        const seqs = (page: string) =>
          [...page.matchAll(/href="\/status\/events\/default\/(\d+)"/g)].map(([, seq]) => Number(seq));
        const follow = async (page: string, ...texts: readonly string[]): Promise<string> => {
          const to = texts.map((text) => links(page).get(text)).find((href) => href !== undefined);
          return (await rig.look(to ?? '/nowhere')).body;
        };
        const older = ['Older', 'Search older events'];
        const first = (await rig.look(`/status/events?feed=default${query}`)).body;
        const second = await follow(first, ...older);
        const third = await follow(second, ...older);
        expect([first, second, third].map((page) => [seqs(page)[0], seqs(page).at(-1)])).toEqual([
          [120, 71],
          [70, 21],
          [20, 1],
        ]);
        expect(older.some((text) => links(third).has(text))).toBe(false);
        expect(links(first).has('Newer')).toBe(false);
        expect(seqs(await follow(third, 'Newer'))).toEqual(seqs(second));
        expect(seqs(await follow(await follow(third, 'Newer'), 'Newer'))).toEqual(seqs(first));
        expect(seqs(await follow(third, 'Newest'))).toEqual(seqs(first));
      }
    });
  });

  it('says how far a search has looked, and goes on from there', async () => {
    await withRig(async (rig) => {
      const records = Array.from({ length: 5100 }, (_, one) => titled(`da-${one}`, one === 3 ? 'the needle' : 'hay'));
      await rig.store.append(aBatch({ records }));
      const { body } = await rig.look('/status/events?search=needle');
      expect(pageText(body)).toContain('No event found down to FeedSeq 101.');
      const older = await rig.look(links(body).get('Search older events') ?? '/nowhere');
      expect(pageText(older.body)).toContain('the needle');
    });
  });
});

describe('text from outside on these pages', () => {
  const NASTY = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onclick='x",
    '</pre></dd><h1>x',
    '\u202egpj.exe',
  ];
  const texts = [...NASTY, ...fc.sample(hostileText, { numRuns: 30, seed: 7 })];

  it('is text wherever it stands', async () => {
    await withRig(async (rig) => {
      const records = texts.map((text, one) => {
        const facts = { AlertTitle: text, Severity: text, ComputerDnsName: text, Description: text, Category: text };
        const evidence = [anEvidence({ facts: { EvidenceType: 'process', FileName: text, CommandLine: text } })];
        // Some are JSON, some are not.
        const raw = one % 2 === 0 ? JSON.stringify({ title: text, [text]: [text] }) : text;
        return anAlert({ alertId: `da-${one}`, raw, facts, evidence });
      });
      const setAside = texts.map((text, one) =>
        aRecordAside({ id: text, reason: `${one} ${text}`, raw: `${text}${one}` }),
      );
      await rig.store.append(aBatch({ records, setAside }));
      for (const text of texts) await rig.store.addAudit({ who: text, action: text, details: { [text]: text } });
      const paths = [
        '/status/events',
        '/status/quarantine',
        '/status/audit',
        ...texts.map((_, one) => `/status/events/default/${one + 1}`),
        ...texts.map((_, one) => `/status/quarantine/${one + 1}`),
        // The last one would stand in the form as it was typed.
        ...NASTY.slice(0, -1).map((text) => `/status/events?search=${encodeURIComponent(text)}`),
        `/status/events?before=${encodeURIComponent('"><b>')}&trail=${encodeURIComponent('1."><b>')}`,
      ];
      for (const path of paths) {
        const { status, body } = await rig.look(path);
        expect([path, status, pageFaults(body)]).toEqual([path, 200, []]);
      }
      expect(pageText((await rig.look('/status/events/default/1')).body)).toContain('<script>alert(1)</script>');
      expect(pageText((await rig.look('/status/events/default/5')).body)).toContain(String.raw`\u202egpj.exe`);
    });
  });

  it('is cut where it is longer than a page can hold', async () => {
    await withRig(async (rig) => {
      const raw = JSON.stringify({ text: 'x'.repeat(3_000_000) });
      await rig.store.append(aBatch({ records: [titled('da-1', 'long', raw)], setAside: [aRecordAside({ raw })] }));
      for (const path of ['/status/events/default/1', '/status/quarantine/1']) {
        const { body } = await rig.look(path);
        expect(body.length).toBeLessThan(300_000);
        expect(pageText(body)).toContain('The end is left out here');
      }
    });
  });
});

describe('the pages about records, where something does not work', () => {
  it('show the rest where no pack can be made', async () => {
    const error = new BridgeError({ code: 'CA_UNREADABLE', kind: 'operator', message: 'no CA', hint: 'mend the CA' });
    await withRig(
      async (rig) => {
        await rig.store.append(aBatch({ records: [titled('da-1', 'First one')] }));
        const { status, body } = await rig.look('/status/events/default/1');
        expect(status).toBe(200);
        expect(pageText(body)).toContain('"AlertTitle": "First one"');
        expect(pageText(body)).toContain('no CA mend the CA');
      },
      { pack: () => Promise.reject(error) },
    );
  });

  it('say so in a page where the store cannot be read, without its words', async () => {
    await withRig(async (rig) => {
      await rig.look('/status/audit');
      rig.breakStore();
      for (const path of PAGES) {
        const { status, headers, body } = await rig.look(path);
        expect([status, headers['retry-after']]).toEqual([503, '10']);
        expect(body).not.toContain('disk I/O');
      }
    });
  });

  it('have no answer that the document does not have, and every one that it has', async () => {
    await withRig(async (rig) => {
      for (const path of ['/status/events/%zz/1', `/status/events/${'x'.repeat(300)}/1`, `/status/quarantine/%zz`])
        await rig.look(path);
      await rig.look(`/status/quarantine/${'9'.repeat(300)}`);
    });
    const documented = RECORD_OPERATIONS.flatMap(({ path, answers }) =>
      answers.map(({ status }) => `GET ${path} ${status}`),
    );
    expect(documented.filter((what) => !answered.has(what))).toEqual([]);
  });
});
