/** Writes the files that are rendered from the program's own tables. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { renderCommandReference } from '../dist/cli/reference.js';
import { renderConfigReference } from '../dist/config/reference.js';
import { renderPack, writePack } from '../dist/connector/bundle.js';
import { renderFieldReference } from '../dist/connector/field-reference.js';
import { renderApiReference } from '../dist/defender/map/api-reference.js';
import { DEFAULT_CHOICES } from '../dist/domain/arcsight-choices.js';
import { DEFAULT_REDIRECT_URIS } from '../dist/domain/connector-auth.js';
import { feedSchema } from '../dist/domain/feed-schema.js';

const root = fileURLToPath(new URL('..', import.meta.url));
await writeFile(`${root}/docs/fields.md`, renderFieldReference());
await writeFile(`${root}/docs/apis.md`, renderApiReference());
const configuration = `${root}/docs/configuration.md`;
await writeFile(configuration, renderConfigReference(await readFile(configuration, 'utf8')));
await writeFile(`${root}/docs/cli.md`, renderCommandReference());
await writeFile(`${root}/docs/feed.schema.json`, `${JSON.stringify(feedSchema(), null, 2)}\n`);
await writePack(
  `${root}/flexconnector`,
  renderPack({
    feed: 'default',
    layout: 'microsoft',
    receiptTime: 'feed',
    publicUrl: 'https://localhost:8443',
    choices: DEFAULT_CHOICES,
    login: {
      kind: 'oauth2',
      connector: 'arcsight-01',
      clientId: 'arcsight-01',
      redirectUri: DEFAULT_REDIRECT_URIS[0],
    },
    caPem: null,
  }),
);
process.stdout.write(
  'rendered docs/fields.md, docs/apis.md, docs/configuration.md, docs/cli.md, docs/feed.schema.json and flexconnector/\n',
);
