import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createCertificateAuthority, issueServerCertificate } from '../../../src/http/tls/certificate-authority.ts';
import { type SetUp, start, startAll } from '../set-up.ts';
import type { Stage } from '../stage.ts';

const DAY_MS = 86_400_000;

/** What is wrong where the connectors come in. */
export const SERVER_SET_UPS = {
  'port-taken': {
    title: 'port taken',
    async make(stage) {
      await startAll(stage);
      await stage.stop();
      const other = createServer((_request, response) => response.end('another program'));
      await new Promise<void>((resolve) => other.listen(stage.port, '127.0.0.1', resolve));
      stage.onClear(() => new Promise((resolve) => other.close(resolve)));
      await stage.tryToServe();
      return undefined;
    },
  },
  'other-name': {
    title: 'certificate for another name',
    make: (stage) => serveWith(stage, { hosts: ['old-bridge.example'], notBeforeMs: Date.now() - DAY_MS }),
  },
  'expired-certificate': {
    title: 'certificate expired',
    make: (stage) => serveWith(stage, { hosts: ['localhost', '127.0.0.1'], notBeforeMs: Date.now() - 40 * DAY_MS }),
  },
} as const satisfies Readonly<Record<string, SetUp>>;

/** Lets the bridge serve a certificate of a private authority, good for 30 days from then on. */
async function serveWith(
  stage: Stage,
  { hosts, notBeforeMs }: { readonly hosts: readonly string[]; readonly notBeforeMs: number },
): Promise<undefined> {
  const options = { hosts, notBeforeMs };
  const authority = await createCertificateAuthority({ ...options, commonName: 'Example Corp CA', years: 5 });
  const issued = await issueServerCertificate(authority, { ...options, days: 30 });
  writeFileSync(join(stage.folder, 'private-ca.pem'), authority.certificatePem);
  writeFileSync(join(stage.folder, 'server.pem'), `${issued.certificatePem}${authority.certificatePem}`);
  writeFileSync(join(stage.folder, 'server.key'), issued.privateKeyPem, { mode: 0o600 });
  await start(stage, { written: { server: ['tls: { certFile: server.pem, keyFile: server.key }'] } });
  return undefined;
}
