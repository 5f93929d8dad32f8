/** Writes the files that are rendered from the program's own tables: docs/fields.md and flexconnector/. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { renderPack, writePack } from '../dist/connector/bundle.js';
import { renderFieldReference } from '../dist/connector/field-reference.js';

const root = fileURLToPath(new URL('..', import.meta.url));
await writeFile(`${root}/docs/fields.md`, renderFieldReference());
await writePack(
  `${root}/flexconnector`,
  renderPack({
    feed: 'default',
    layout: 'microsoft',
    receiptTime: 'feed',
    publicUrl: 'https://localhost:8443',
    connectorName: 'arcsight-01',
  }),
);
process.stdout.write('rendered docs/fields.md and flexconnector/\n');
