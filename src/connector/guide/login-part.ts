import { CLIENT_SECRET_KEY, PLACEHOLDERS } from '../client-file.ts';
import type { PackLogin, PackSettings } from '../pack-settings.ts';
import { publicAddress } from '../public-url.ts';

const TITLES: Readonly<Record<PackLogin['kind'], string>> = {
  oauth2: 'OAuth2',
  basic: 'Basic',
  mtls: 'Mutual TLS',
  urlKey: 'URL key',
};

/** Step 2 of INSTALL.md: the four kinds of login, the one of every public guide first. */
export function loginPart(settings: PackSettings): string {
  const { kind, connector } = settings.login;
  return `
## 2. Get the login

The connector has a login of its own at the bridge, named \`${connector}\`, of the kind **${TITLES[kind]}**: this is what the
answers of step 5 are for. The commands below are for whoever runs the bridge, on its machine.

${oauth2(settings)}

${basic(settings)}

${mutualTls(settings)}

${urlKey(settings)}`;
}

function oauth2({ feed, publicUrl, login }: PackSettings): string {
  const mine = login.kind === 'oauth2';
  const file = `${feed}.properties`;
  const redirect = mine ? ` (\`${login.redirectUri}\`)` : '';
  return `### OAuth2: what every public guide of this connector shows${chosen(mine)}

First the client secret. It was shown once, when the login was made; a first start of the bridge writes it, with a refresh
token, to \`initial-credentials\` in its data folder. Put it into \`${file}\`, in place of \`${PLACEHOLDERS.clientSecret}\`
behind \`${CLIENT_SECRET_KEY}=\`; write each backslash in it twice. Or let the bridge make a new secret and write the file:
\`flexbridge connector rotate ${login.connector} --client-file ${file}\` (not for a login of the configuration file).

Then one of two ways to a refresh token. It does not expire while it is used.

1. **Paste one** (recommended: no browser is needed). \`flexbridge token create --connector ${login.connector}\` prints a
   refresh token once; the one in \`initial-credentials\` does as well. It goes into the wizard's field *Refresh Token*
   (step 5). Afterwards delete it wherever it lay.
2. **Sign in with a browser.** Leave *Refresh Token* empty. The wizard opens a browser at
   ${publicAddress(publicUrl, '/oauth2/authorize')}; sign in there with an operator's login of the bridge and agree.
   The browser is then sent back to the connector itself${redirect}. With an \`https\` address there
   it warns of the connector's own certificate, which you have to accept; with \`http\` it does not.
   On a machine without a browser: run \`arcsight restutil token -config PATH\` in \`bin\` of a connector that has one, with
   the path of \`${file}\`; it prints a refresh token to paste. Without a path it fails with
   \`Option value is missing for -config\`. On an appliance behind a proxy Microsoft's guide has
   \`arcsight restutil boxtoken -proxy host:port\`.

\`reauthenticate\` in \`${file}\` stays \`false\`; \`true\` makes the connector ask for a new sign-in at its next start, which is
the cure for a refresh token that no longer works (step 7).`;
}

function basic({ login }: PackSettings): string {
  const mine = login.kind === 'basic';
  const whose = mine
    ? `The password of \`${login.connector}\` was shown once, when the login was made; a first start of the bridge writes it to
\`initial-credentials\` in its data folder. A new one: \`flexbridge connector rotate ${login.connector}\`.`
    : `A login of this kind: \`flexbridge connector create NAME --kind basic\`. An OAuth2
login that was made with \`--accept-basic\`, as that of a first start, takes its name and client secret as user name and password, too.`;
  return `### Basic: believed to exist, not documented in public${chosen(mine)}

For a wizard that offers it. ${whose}`;
}

function mutualTls({ login }: PackSettings): string {
  return `### Mutual TLS (no public source)${chosen(login.kind === 'mtls')}

The bridge knows the connector by its TLS client certificate: \`flexbridge connector create NAME --kind mtls --certificate FILE\`,
after a change of the certificate \`flexbridge connector rotate NAME --certificate FILE\`. How this connector is given a key and
certificate of its own is not documented in public; Java programs take \`-Djavax.net.ssl.keyStore=...\`. Without them it cannot
sign in.`;
}

function urlKey({ login }: PackSettings): string {
  return `### URL key: only where nothing else can be set${chosen(login.kind === 'urlKey')}

The secret is part of the Events URL. **Warning:** it then stands readable in \`agent.properties\` of the connector, and may
stand in its logs and in those of every proxy on the way. Whoever reads it there can take events, which ArcSight then
misses. The bridge refuses such logins until \`server.urlKeys\` is on in its configuration. A key is made by
\`flexbridge connector create NAME --kind urlKey\` and shown once; change it now and then with
\`flexbridge connector rotate NAME\`.`;
}

function chosen(mine: boolean): string {
  return mine ? ' (your login)' : '';
}
