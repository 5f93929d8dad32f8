import { createHash } from 'node:crypto';
import { categorizerName } from '../categorizer.ts';
import type { PackSettings } from '../pack-settings.ts';

/** Name of the bridge's CA certificate in the pack. */
export const CA_FILE = 'flexbridge-ca.pem';

/** Step 3 of INSTALL.md: which file goes where. */
export function filesPart({ feed, login, choices, caPem }: PackSettings): string {
  const parser = `${feed}.jsonparser.properties`;
  const client = `${feed}.properties`;
  const categorizer = categorizerName(choices);
  const rows = [
    row(parser, `user/agent/flexagent/${parser}`),
    login.kind === 'oauth2'
      ? row(client, `user/agent/flexagent/${client}`)
      : `| \`${client}\` | not needed with this login | not needed with this login |`,
    row(`categorizer/${categorizer}`, `user/agent/acp/categorizer/current/${categorizer}`),
    ...(caPem === null ? [] : [`| \`${CA_FILE}\` | is imported in step 4 | is imported in step 4 |`]),
    '| `INSTALL.md`, `manifest.json` | stay where they are | stay where they are |',
  ];
  return `
## 3. Put the files in place, before you run the wizard

Install the connector's core software; when the installer offers to go on with the set-up, stop there. Where FlexBridge is
installed on the connector's machine, \`flexbridge install --arcsight-home DIR --pack PACK\` does steps 3 and 4, with PACK this
folder; the bridge itself may run on another machine. By hand:

| file | Windows | Linux |
|---|---|---|
${rows.join('\n')}

Keep the names. Create folders that are missing. The user the connector runs as must be able to read the files. Do not edit
the parser file: some editors change its line ends or add a byte order mark, and one wrong backslash makes the connector
refuse the whole file.

The categorizer file gives each event ArcSight's categories, by its class id (\`deviceEventClassId\`). Its folder and name are
those of \`deviceVendor\` and \`deviceProduct\` in lower case, other characters than letters and digits written \`_\`. Which
category fits which event is the bridge's own choice (inferred): Microsoft publishes none. ArcSight takes the first
categorizer that knows the class; events arrive without the file, too.

\`manifest.json\` names each file with its SHA-256 and its place below \`$ARCSIGHT_HOME\`, for tools; a file without a place is
not copied. (\`flexbridge install\` leaves a copy of the CA certificate in \`flexagent\`, to have it at hand after an upgrade.)`;
}

function row(file: string, place: string): string {
  return `| \`${file}\` | \`%ARCSIGHT_HOME%\\${place.replaceAll('/', '\\')}\` | \`$ARCSIGHT_HOME/${place}\` |`;
}

/** Step 4 of INSTALL.md: trust in the bridge's certificate. */
export function trustPart({ caPem, publicUrl }: PackSettings): string {
  if (publicUrl.startsWith('http:')) return `## 4. Trust\n\nNothing to do: the bridge is reached by plain http.`;
  const alias = aliasOf(caPem);
  return `
## 4. Let the connector trust the bridge (no public source)

${whichCertificate(caPem)}

The connector checks the bridge's certificate with its own Java, not with that of the operating system. The certificate
that the wizard offers to import later is that of the destination (ESM), not this one. With the connector stopped:

Windows (one line, in a command prompt run as administrator):

    "%ARCSIGHT_HOME%\\jre\\bin\\keytool" -importcert -alias ${alias} -file ${CA_FILE} -keystore "%ARCSIGHT_HOME%\\jre\\lib\\security\\cacerts" -storepass changeit

Linux (one line, as the user who owns the connector):

    "$ARCSIGHT_HOME/jre/bin/keytool" -importcert -alias ${alias} -file ${CA_FILE} -keystore "$ARCSIGHT_HOME/jre/lib/security/cacerts" -storepass changeit

Compare the fingerprint that keytool shows with the one you were given, then answer \`yes\`. \`changeit\` is the usual
password of that store; yours may differ. A connector in FIPS mode keeps its certificates in another store (a BCFKS file
under \`user/agent/fips\`); import it there with the options of your ArcSight release.

The host name in the Events URL must be one that the certificate names.`;
}

function whichCertificate(caPem: string | null): string {
  if (caPem === null)
    return `There is no certificate in this pack: when it was made, the bridge had none of its own making. If it makes its own, it
does so at its first start: make the pack again then, or take \`tls/ca.pem\` from its data folder and name it \`${CA_FILE}\`.
If it serves a certificate of your organisation, ask for that of the CA that signed it; skip this step when your connector
trusts that CA already.`;
  return `\`${CA_FILE}\` in this folder is the bridge's own CA, and not secret. Its SHA-256 fingerprint is

    ${fingerprint(caPem)}

Ask whoever runs the bridge for it on another way than the pack came, and compare.`;
}

/** The one that `flexbridge install` uses, so that it finds what was imported by hand, and a new CA has room beside the old. */
function aliasOf(caPem: string | null): string {
  return caPem === null
    ? 'flexbridge'
    : `flexbridge-${fingerprint(caPem).replaceAll(':', '').slice(0, 8).toLowerCase()}`;
}

/** As keytool and openssl write it. */
function fingerprint(pem: string): string {
  const base64 = /-----BEGIN CERTIFICATE-----([^-]*)-----END/.exec(pem)?.[1] ?? '';
  const digest = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex').toUpperCase();
  return digest.replaceAll(/..(?=.)/g, '$&:');
}
