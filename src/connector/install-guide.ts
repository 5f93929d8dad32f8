import { ARCSIGHT_CONSTANTS, MAPPING_VERSION } from '../domain/fields.ts';
import { PARSER_VERSION } from './parser-file.ts';
import { eventsUrl, publicAddress } from './public-url.ts';

export interface InstallGuideSettings {
  readonly feed: string;
  readonly publicUrl: string;
  /** Name of the connector's login. */
  readonly connectorName: string;
  /** File name of the bridge's CA certificate, as the reader knows it. */
  readonly caFile: string;
}

/** One field of the connector's set-up wizard. */
export interface WizardAnswer {
  readonly field: string;
  readonly answer: string;
  /** `documented`: shown in a public guide of this connector. `unsourced`: believed to exist (flexconnector 1.2). */
  readonly certainty: 'documented' | 'unsourced';
  readonly note: string;
}

/** What to type into the wizard of the ArcSight FlexConnector REST, field by field, in Basic mode. */
export function wizardAnswers({
  feed,
  publicUrl,
  connectorName,
}: Omit<InstallGuideSettings, 'caFile'>): readonly WizardAnswer[] {
  return [
    {
      field: 'Type',
      answer: 'ArcSight FlexConnector REST',
      certainty: 'documented',
      note: 'Choose it in the list of connector types.',
    },
    {
      field: 'Configuration File',
      answer: feed,
      certainty: 'documented',
      note: 'The parser file name without `.jsonparser.properties`, and without a folder.',
    },
    {
      field: 'Events URL',
      answer: eventsUrl(publicUrl, feed),
      certainty: 'documented',
      note: 'Copy it whole. `$START_AT_TIME` stays as it is: the connector puts a time there.',
    },
    {
      field: 'Authentication Type',
      answer: 'Basic',
      certainty: 'unsourced',
      note: 'Public guides show only OAuth2, which the bridge does not answer yet.',
    },
    { field: 'User name', answer: connectorName, certainty: 'unsourced', note: 'The field may be called User.' },
    {
      field: 'Password',
      answer: '(from the bridge, see step 1)',
      certainty: 'unsourced',
      note: 'Not the password of an operator.',
    },
    { field: 'OAuth2 Client Properties File', answer: '(leave empty)', certainty: 'documented', note: '' },
    { field: 'Refresh Token', answer: '(leave empty)', certainty: 'documented', note: '' },
    {
      field: 'Every other field of this form',
      answer: '(leave empty)',
      certainty: 'documented',
      note: 'A proxy only if the bridge cannot be reached without one.',
    },
  ];
}

/** Text of INSTALL.md, for an ArcSight administrator. ASCII. */
export function renderInstallGuide(settings: InstallGuideSettings): string {
  const parts = [intro, needs, files, certificate, wizard, checking, trouble, upgrade];
  return `${parts.map((part) => part(settings).trim()).join('\n\n')}\n`;
}

function intro({ feed, publicUrl }: InstallGuideSettings): string {
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

function needs({ publicUrl, connectorName, caFile }: InstallGuideSettings): string {
  return `
## 1. What you need

| what | from whom |
|---|---|
| this folder | you have it |
| the password of the login \`${connectorName}\` | whoever runs the bridge: it is in the file \`initial-credentials\` in the bridge's data folder, whose path the bridge logs at its first start |
| the CA certificate of the bridge, \`${caFile}\` (it is not secret) | whoever runs the bridge; not needed when the bridge has a certificate that your connector already trusts |
| a connector machine that reaches ${publicUrl} | test it from there in a browser: ${publicAddress(publicUrl, '/livez')} must answer. A certificate warning in the browser is normal |
| the SmartConnector installer with the type "ArcSight FlexConnector REST" | your ArcSight downloads |

Do not try out the feed with the connector's own login: what it is given counts as received, and the connector would
miss it. Anyone else looks with an operator's login, which changes nothing.`;
}

function files({ feed }: InstallGuideSettings): string {
  const parser = `${feed}.jsonparser.properties`;
  return `
## 2. Put the files in place, before you run the wizard

Install the connector's core software; when the installer offers to go on with the set-up, stop there. Then copy:

| file | Windows | Linux |
|---|---|---|
| \`${parser}\` | \`%ARCSIGHT_HOME%\\user\\agent\\flexagent\\${parser}\` | \`$ARCSIGHT_HOME/user/agent/flexagent/${parser}\` |
| \`${feed}.properties\` | not needed with Basic | not needed with Basic |
| \`INSTALL.md\` | stays where it is | stays where it is |

Keep the names. Create the folder \`flexagent\` if it is missing. The user the connector runs as must be able to read the
file. Do not edit it: some editors change its line ends or add a byte order mark, and one wrong backslash makes the
connector refuse the whole file.

\`${feed}.properties\` is for the login kind OAuth2. The bridge does not yet answer the two URLs in it; choose Basic.`;
}

function certificate({ caFile }: InstallGuideSettings): string {
  return `
## 3. Let the connector trust the bridge (no public source)

The connector checks the bridge's certificate with its own Java, not with that of the operating system. The certificate
that the wizard offers to import later is that of the destination (ESM), not this one. With the connector stopped:

Windows (one line, in a command prompt run as administrator):

    "%ARCSIGHT_HOME%\\jre\\bin\\keytool" -importcert -alias flexbridge -file ${caFile} -keystore "%ARCSIGHT_HOME%\\jre\\lib\\security\\cacerts" -storepass changeit

Linux (one line, as the user who owns the connector):

    "$ARCSIGHT_HOME/jre/bin/keytool" -importcert -alias flexbridge -file ${caFile} -keystore "$ARCSIGHT_HOME/jre/lib/security/cacerts" -storepass changeit

Compare the fingerprint that keytool shows with the one you were given, then answer \`yes\`. \`changeit\` is the usual
password of that store; yours may differ. A connector in FIPS mode keeps its certificates in another store (a BCFKS file
under \`user/agent/fips\`); import it there with the options of your ArcSight release.

The host name in the Events URL must be one that the certificate names.`;
}

function wizard(settings: InstallGuideSettings): string {
  const rows = wizardAnswers(settings).map(({ field, answer, certainty, note }) => {
    const mark = certainty === 'unsourced' ? ' (no public source)' : '';
    return `| ${field}${mark} | ${answer.startsWith('(') ? answer : `\`${answer}\``} | ${note} |`;
  });
  return `
## 4. Run the wizard

Start \`runagentsetup.bat\` (Windows) or \`./runagentsetup.sh\` (Linux) in \`$ARCSIGHT_HOME/bin\`; add \`-i console\` where
there is no screen. Choose *Add a Connector* and answer:

| field | answer | note |
|---|---|---|
${rows.join('\n')}

Authentication Type Basic is believed to exist; it is not documented in public, nor are the names of its two fields. If
your wizard does not offer it, tell whoever runs the bridge; do not choose OAuth2 instead, the bridge does not answer it
yet.

Then choose your destination (ESM, Logger, ...) and its certificate as always, name the connector, and install it as a
service. The wizard contacts the destination while it configures; whether it also tries the Events URL is not known.`;
}

function checking({ connectorName }: InstallGuideSettings): string {
  return `
## 5. Check that events arrive

Start the service ("ArcSight FlexConnector REST" on Windows), or in the foreground \`arcsight connectors\` in
\`$ARCSIGHT_HOME/bin\`. Then:

1. In ESM or Logger, filter on ${filterText()}.
   Name, severity and class id (\`deviceEventClassId\`, \`defender:...\`) are filled.
2. On the machine of the bridge, \`flexbridge doctor\` shows when \`${connectorName}\` asked last and what it was given, and
   \`flexbridge doctor\` says in words what is wrong, if anything is.

No event is right when Defender has raised nothing; \`flexbridge doctor\` tells how many are stored. The event time shown
by default may lie before the hour you look at: widen the time range of the channel.`;
}

/** The two constants by which these events are found. */
function filterText(): string {
  return ARCSIGHT_CONSTANTS.filter(({ field }) => field !== 'deviceVersion')
    .map(({ field, value }) => `\`${field} = ${value}\``)
    .join(' and ');
}

function trouble({ feed, connectorName }: InstallGuideSettings): string {
  return `
## 6. When no event arrives

Look into \`$ARCSIGHT_HOME/logs/agent.log\` for ERROR, FATAL and WARN, and at \`flexbridge doctor\` on the bridge.

| what you see | what it is | what to do |
|---|---|---|
| \`flexbridge doctor\`: \`${connectorName}\` never asked | the connector does not reach the bridge, or is not running | test the address of step 1 from the connector machine; check the proxy fields |
| \`PKIX\`, \`SSLHandshakeException\` or "certificate" in the log (no public source) | the bridge's certificate is not trusted | step 3; then restart the connector |
| the log names the status 401 (inferred) | user or password wrong | step 1; the user is \`${connectorName}\` |
| the log names the status 404 (inferred) | the feed's name in the Events URL is wrong | step 4, the Events URL as printed |
| the bridge counts events as given, ESM shows none | parser not found or not read | Configuration File must be \`${feed}\`; the file must be in \`flexagent\`; look for its name in the log |
| events without a name or severity | another parser file | copy \`${feed}.jsonparser.properties\` again, restart |
| a browser opens, or "refresh token" in the log | the wizard was set to OAuth2 | run the wizard again, choose Basic |`;
}

function upgrade({ feed, caFile }: InstallGuideSettings): string {
  return `
## 7. Upgrade

* **The connector.** A new version brings a new Java, which has forgotten the bridge's certificate (no public source):
  do step 3 with \`${caFile}\` again. Then check that the parser file is still in \`flexagent\`.
* **The bridge, or a setting of the feed.** Events carry the version of the mapping (\`flexNumber1\`, now ${MAPPING_VERSION}) and of the
  parser file that read them (\`flexNumber2\`, now ${PARSER_VERSION}). \`flexbridge generate --feed ${feed} --out DIR --check\`, with DIR a copy
  of your files, tells whether they are still what the bridge would write. If not: stop the connector, replace
  \`${feed}.jsonparser.properties\`, start it. Meanwhile the bridge holds the events.
* **The address of the bridge.** Change the Events URL in the wizard (*Modify Connector*).`;
}
