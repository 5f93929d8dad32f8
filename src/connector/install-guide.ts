import { MAPPING_VERSION } from '../domain/fields.ts';
import { CA_FILE, filesPart, trustPart } from './guide/files-part.ts';
import { loginPart } from './guide/login-part.ts';
import { troublePart } from './guide/trouble-part.ts';
import { wizardAnswers } from './guide/wizard-answers.ts';
import type { PackSettings } from './pack-settings.ts';
import { PARSER_VERSION } from './parser-file.ts';
import { publicAddress } from './public-url.ts';

/** Text of INSTALL.md, for an ArcSight administrator. ASCII. */
export function renderInstallGuide(settings: PackSettings): string {
  const parts = [intro, needs, loginPart, filesPart, trustPart, wizard, checking, troublePart, upgrade];
  const text = parts.map((part) => part(settings).trim()).join('\n\n');
  return `${text.replaceAll(/[^\n\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

function intro({ feed, publicUrl }: PackSettings): string {
  return `
# Install: Microsoft Defender events through FlexBridge, feed \`${feed}\`

FlexBridge is a service that fetches detections from Microsoft Defender and holds them ready at ${publicUrl}.
The ArcSight FlexConnector REST asks it for new ones and sends them to ESM or Logger like any other event. This folder
holds what the connector needs. You need no knowledge of FlexBridge itself; it is called "the bridge" below.

What is not certain is marked:

* **(inferred)**: follows from published parser files or guides, but the vendor's documents do not say it.
* **(no public source)**: general knowledge. If your connector shows something else, believe your connector.

\`$ARCSIGHT_HOME\` is the connector's install folder including \`current\`, for example \`C:\\FlexConnector\\current\` on
Windows or \`/opt/flexconnector/current\` on Linux. Write that folder in its place wherever \`$ARCSIGHT_HOME\` or
\`%ARCSIGHT_HOME%\` stands below.`;
}

function needs({ publicUrl, login, caPem }: PackSettings): string {
  const certificate =
    caPem === null
      ? '| a certificate to trust, see step 4 | whoever runs the bridge |'
      : `| the bridge's CA certificate, \`${CA_FILE}\` (it is not secret) | it is in this folder |`;
  return `
## 1. What you need

| what | from whom |
|---|---|
| this folder | you have it |
| ${SECRETS[login.kind]} of the login \`${login.connector}\` (step 2) | whoever runs the bridge |
${certificate}
| a connector machine that reaches ${publicUrl} | test it from there in a browser: ${publicAddress(publicUrl, '/livez')} must answer. A certificate warning in the browser is normal |
| the SmartConnector installer with the type "ArcSight FlexConnector REST" | your ArcSight downloads |

Do not try out the feed with the connector's own login: what it is given counts as received, and the connector would
miss it. Anyone else looks with an operator's login, which changes nothing.`;
}

const SECRETS: Readonly<Record<PackSettings['login']['kind'], string>> = {
  oauth2: 'the client secret and a refresh token',
  basic: 'the password',
  mtls: 'the client certificate with its key',
  urlKey: 'the key',
};

function wizard(settings: PackSettings): string {
  const rows = wizardAnswers(settings).map(({ field, answer, certainty, note }) => {
    const mark = certainty === 'unsourced' ? ' (no public source)' : '';
    return `| ${field}${mark} | ${answer.startsWith('(') ? answer : `\`${answer}\``} | ${note} |`;
  });
  return `
## 5. Run the wizard

Start \`runagentsetup.bat\` (Windows) or \`./runagentsetup.sh\` (Linux) in \`$ARCSIGHT_HOME/bin\`; add \`-i console\` where
there is no screen. Choose *Add a Connector* and answer:

| field | answer | note |
|---|---|---|
${rows.join('\n')}

If your wizard does not offer this Authentication Type, tell whoever runs the bridge: step 2 has the other kinds.

Then choose your destination (ESM, Logger, ...) and its certificate as always, name the connector, and install it as a
service. The wizard contacts the destination while it configures; whether it also tries the Events URL is not known.`;
}

function checking({ login, choices }: PackSettings): string {
  const { deviceVendor, deviceProduct } = choices;
  return `
## 6. Check that events arrive

Start the service ("ArcSight FlexConnector REST" on Windows), or in the foreground \`arcsight connectors\` in
\`$ARCSIGHT_HOME/bin\`. Then:

1. In ESM or Logger, filter on \`deviceVendor = ${deviceVendor}\` and \`deviceProduct = ${deviceProduct}\`.
   Name, severity and class id (\`deviceEventClassId\`, \`defender:...\`) are filled.
2. On the machine of the bridge, \`flexbridge status\` shows when \`${login.connector}\` asked last and what it was given, and
   \`flexbridge doctor\` says in words what is wrong, if anything is.

No event is right when Defender has raised nothing; \`flexbridge test-event\` sends one of the bridge's own. The event time
shown by default may lie before the hour you look at: widen the time range of the channel.`;
}

function upgrade({ feed, login }: PackSettings): string {
  return `
## 8. Upgrade

* **The connector.** A new version brings a new Java, which has forgotten the bridge's certificate (no public source):
  do step 4 again. Then check that the files of step 3 are still there.
* **The bridge, or a setting of the feed.** Events carry the version of the mapping (\`flexNumber1\`, now ${MAPPING_VERSION}) and of the
  parser file that read them (\`flexNumber2\`, now ${PARSER_VERSION}). \`flexbridge generate --feed ${feed} --connector ${login.connector} --check DIR\`,
  with DIR a copy of your pack, tells whether it is still what the bridge would write; filled-in secrets are no difference.
  If it is not: stop the connector, replace the files, start it. Meanwhile the bridge holds the events.
* **The address of the bridge.** Change the Events URL in the wizard (*Modify Connector*), and with OAuth2 the two addresses
  in \`${feed}.properties\`.`;
}
