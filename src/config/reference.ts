import { SIGNIFICANT_ALERT_FACTS, SIGNIFICANT_ITEM_FACTS } from '../domain/significant.ts';
import { CLOUD_NAMES, CLOUDS, defaultScopes } from './clouds.ts';
import { ConfigSchema } from './schema.ts';
import { itemsOf, keysOf, type SchemaNode, textsOf, toNode } from './schema-node.ts';
import { TENANT_VARIABLES } from './tenant-variables.ts';

/** Text of docs/configuration.md: how settings are given, and every key of the schema with its default. */
export function renderConfigReference(): string {
  const schema = toNode(ConfigSchema);
  const sections = [...keysOf(schema)].map(([key, node]) => section(key, node, isRequired(schema, key)));
  return [INTRO, ...sections, CHANGES, CLOUD_INTRO, cloudTable(), CREDENTIALS, VARIABLES, variableTable(), CLOSING]
    .map((part) => `${part.trim()}\n`)
    .join('\n');
}

interface Row {
  /** Below the section, for example `tls.certFile`; items of a list as `sources[].api`. */
  readonly key: string;
  readonly node: SchemaNode;
  readonly required: boolean;
}

function section(key: string, node: SchemaNode, required: boolean): string {
  const items = itemsOf(node);
  const heading = `## ${key}${items === null ? '' : '[]'}`;
  return `${heading}

${describe(node)}${required ? ' Required.' : ''}

| key | value | default | what it is |
|---|---|---|---|
${rowsBelow(items ?? node, '')
  .map(line)
  .join('\n')}`;
}

function rowsBelow(node: SchemaNode, prefix: string): readonly Row[] {
  return [...keysOf(node)].flatMap(([key, child]) => {
    const items = itemsOf(child);
    const below = items === null ? rowsBelow(child, `${prefix}${key}.`) : rowsBelow(items, `${prefix}${key}[].`);
    return [{ key: `${prefix}${key}`, node: child, required: isRequired(node, key) }, ...below];
  });
}

function line({ key, node, required }: Row): string {
  const standard = required ? '**required**' : fallback(node);
  return `| \`${key}\` | ${cell(values(node))} | ${cell(standard)} | ${cell(describe(node))} |`;
}

/** A key with a default may be left out although the schema lists it: the loader fills it in. */
function isRequired(parent: SchemaNode, key: string): boolean {
  return textsOf(parent, 'required').includes(key) && !('default' in (keysOf(parent).get(key) ?? {}));
}

function values(node: SchemaNode): string {
  const words = textsOf(node, 'enum');
  if (words.length > 0) return words.map((word) => `\`${word}\``).join(', ');
  const expects = node['x-expects'];
  if (typeof expects === 'string') return expects;
  return keysOf(node).size > 0 ? 'a block' : 'text';
}

function fallback(node: SchemaNode): string {
  const value = node['default'];
  const needing = textsOf(node, 'x-required-for');
  if (needing.length > 0) return `required for ${quoted(needing, 'and')}`;
  if (value === undefined || value === null) return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : 'one with its defaults';
  if (typeof value === 'object') return 'its defaults';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function describe(node: SchemaNode): string {
  const { description } = node;
  const kinds = textsOf(node, 'x-kinds');
  const said = typeof description === 'string' ? description : '';
  return kinds.length === 0 ? said : `(${quoted(kinds, 'or')}) ${said}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function quoted(names: readonly string[], last: 'or' | 'and' = 'or'): string {
  return names
    .map((name) => `\`${name}\``)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ` ${last} `);
}

function cloudTable(): string {
  const rows = CLOUD_NAMES.map((cloud) => {
    const { login, graph, defender, siem } = CLOUDS[cloud];
    const hosts = [login, graph, defender, siem].map((host) => host ?? '-');
    return `| \`${[cloud, ...hosts, defaultScopes(cloud, graph).defender].join('` | `')}\` |`;
  });
  const head = '| cloud | login | graph | defender | siem | scope of defender |';
  return [head, '|---|---|---|---|---|---|', ...rows].join('\n').replaceAll('`-`', '-');
}

function variableTable(): string {
  const rows = [...TENANT_VARIABLES].map(
    ([variable, path]) => `| \`${variable}\` | \`tenants[0].${path.join('.')}\` |`,
  );
  return ['| variable | stands for |', '|---|---|', ...rows].join('\n');
}

const INTRO = `# Configuration

Written from the schema (\`src/config/schema.ts\`) and the texts of \`src/config/reference.ts\`; do not edit by hand.

FlexBridge reads one YAML file, then the environment, which wins. The file is the one named by \`--config\`, else by the
variable \`FLEXBRIDGE_CONFIG\`, else \`flexbridge.yaml\` in the working directory; that one may be absent. Relative paths
count from the folder of the file, without a file from the working directory.

An unknown key or variable is an error, not a warning. All problems are reported at once, each with its line and what to
do about it. The configuration is read at the start of each command: after a change, restart \`serve\`. Only the files of
a credential, and of a proxy's password, are read anew whenever they are needed. \`npm run flexbridge -- check\` reads it
and tells what is wrong without starting anything.

Durations are a number and a unit: \`500ms\`, \`30s\`, \`15m\`, \`24h\`, \`7d\`. Sizes: \`500KB\` and \`5MB\` are decimal, \`5MiB\` is
binary. Schedules and password hashes belong in quotes.

Read and checked, but without effect in this version: \`store.retention\` (nothing is deleted yet) and
\`server.tls.clientCaFile\` (no client certificate is asked for).
`;

const CHANGES = `## Changes of an alert

Microsoft goes on changing an alert. A further evidence item of a known alert is always a \`new\` event (past the 100th, one
\`overflow\` for all). Which other changes become an \`update\` is the choice of \`feeds[].changes\`:

| value | events |
|---|---|
| \`first\` | no updates |
| \`significant\` | one about the alert when its ${quoted(SIGNIFICANT_ALERT_FACTS)} changed; one about an evidence item when its ${quoted(SIGNIFICANT_ITEM_FACTS)} changed |
| \`all\` | those, and one for every other change of the alert or of an item, but never for the device's logged-on users, addresses, health or risk alone |

A value that becomes known, or is taken back, is a change too. [fields.md](fields.md) says what each field is.
`;

const CLOUD_INTRO = `## Clouds

What \`tenants[].cloud\` stands for. \`endpoints\` and \`scopes\` replace each value; \`flexbridge check\` lists every host that
gets a secret or a token. With \`region\`, \`defender\` is \`https://<region>.api.security.microsoft.com\`, and for \`us\`, \`eu\`
and \`uk\` \`siem\` is \`https://wdatp-alertexporter-<region>.windows.com\` (with \`siemHosts: securitycenter.windows.com\` in
that domain). The scope of Graph is its origin with \`/.default\`, that of \`siem\` always
\`https://graph.windows.net/.default\`; the government scopes of \`defender\` are inferred from its hosts. The Graph of the
cloud in China has no alerts, and \`check\` says so.
`;

const CREDENTIALS = `## Signing in

| kind | what it needs |
|---|---|
| \`secret\` | \`clientId\` and \`secretFile\` (or \`secret\`), and the day in \`expires\` for a warning in time |
| \`certificate\` | \`clientId\` and \`certificateFile\`, and \`keyFile\` and \`passphraseFile\` where they are needed. The certificate is uploaded to the app registration; its end is read from it |
| \`workload-identity\` | nothing in a pod that Azure's webhook has prepared; elsewhere \`clientId\` and \`tokenFile\` |
| \`managed-identity\` | nothing for the system-assigned identity, \`clientId\` for a user-assigned one |

To change a secret or certificate without a gap: add the new one as \`next\` and restart once; either is used while it works,
and both ends are watched. Later move \`next\` up. Or replace the content of the file: it is read anew with each token
request, and needs no restart.

A user name and password inside \`HTTPS_PROXY\` are taken out of it and never shown. Lower-case names of these variables
win. A proxy of the environment is not used for the machine itself.
`;

const VARIABLES = `## Environment

**Any key.** \`FLEXBRIDGE_\` and the path of the key in capitals, two underscores between the levels, list items by number:
\`server.publicUrl\` is \`FLEXBRIDGE_SERVER__PUBLIC_URL\`, the cloud of the second tenant \`FLEXBRIDGE_TENANTS__1__CLOUD\`. A whole
block or list is written as JSON: \`FLEXBRIDGE_SERVER__TLS={"certFile":"cert.pem","keyFile":"key.pem"}\`. An empty variable
counts as not set. The variables with which Kubernetes announces a service called flexbridge are passed over.

**A single tenant needs no file.** These variables describe it where the file has no \`tenants\`; \`FLEXBRIDGE_TENANT_ID\`,
\`FLEXBRIDGE_CLIENT_ID\` and \`FLEXBRIDGE_CLIENT_SECRET\` (or \`FLEXBRIDGE_CLIENT_SECRET_FILE\`) are enough. With
\`FLEXBRIDGE_CLIENT_CERTIFICATE_FILE\` the kind of the credential is \`certificate\`. The tenant is called \`default\` unless
it is given a name.
`;

const CLOSING = `## Secrets

* A secret (\`secret\`, \`passphrase\`, \`password\`) is given as it is or, better, in a file (\`secretFile\` and so on): one
  line of UTF-8 text and nothing else; line ends after it are dropped. Both at once is an error, except that the one from
  the environment replaces the other in the file.
* A file with a secret that every user of the machine can open is a warning (not below \`/run/secrets/\` and
  \`/var/run/secrets/\`).
* Passwords of connectors and operators are never in the configuration, only their hashes. For a connector, make a random
  password, such as \`openssl rand -hex 32\` prints, and put the SHA-256 of it into \`secretHash\`:
  \`printf %s "$PASSWORD" | sha256sum\`. For an operator, \`npm run --silent flexbridge -- hash-password\` reads the password
  (at least 12 characters) from standard input and prints the \`passwordHash\`.
* With no connector, or no operator, in the configuration and none made before, the first start of \`serve\` makes one
  (\`arcsight-01\`, \`ops\`) and writes its password to \`initial-credentials\` in the data folder, once.

## The data folder

The folder of \`store.path\`; \`serve\` makes it with mode 0700. To make a backup, stop \`serve\` and copy the folder.

| file | what it is |
|---|---|
| \`flexbridge.db\`, \`-wal\`, \`-shm\` | alerts, events, checkpoints and the positions of the connectors |
| \`flexbridge.db.lock\` | shows which \`serve\` uses the database; a second one is refused with the first one's pid |
| \`access.db\` | logins that were made at a first start, as hashes |
| \`initial-credentials\` | their passwords; take them over, then delete the file |
| \`tls/ca.pem\` | the CA that connectors have to trust (ten years); not secret |
| \`tls/ca-key.pem\`, \`tls/server.pem\`, \`tls/server-key.pem\` | its key, and the certificate and key of the server |

The certificate of the server is renewed by a start of \`serve\` within 30 days of its end, or when \`server.host\` or the
host in \`server.publicUrl\` changed. The CA vouches for the hosts it was made for and for no others: after a new host name,
import \`tls/ca.pem\` into the connector again.

## Exit codes

| code | meaning |
|---|---|
| 0 | done; for \`serve\`: ended by SIGTERM or Ctrl-C |
| 1 | failed: the reason and the remedy are on standard error. \`check\`, \`doctor\`, \`status\`: a finding has failed. \`generate --check\`: a file differs or is missing |
| 78 | the configuration is wrong: every problem is on standard error |
`;
