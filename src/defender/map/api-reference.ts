import { SOURCE_NAMES, type SourceName } from '../../domain/detection.ts';
import type { Field } from '../../domain/field.ts';
import { type FactName, FIELDS } from '../../domain/fields.ts';
import { COVERAGE } from './coverage.ts';

/** Text of docs/apis.md: which of Microsoft's APIs to read, and what each can fill. */
export function renderApiReference(): string {
  return `${INTRO}
## What each cannot fill

${SOURCE_NAMES.map(missing).join('\n')}

${NOTES}
## Where each field comes from

Names of members of Microsoft's records, those of their evidence included; where there are several, the first that is filled
counts. What a field means and where it goes in ArcSight is in [fields.md](fields.md).

${OWNERS.map(([of, title]) => table(of, title)).join('\n')}`;
}

const INTRO = `# Microsoft's APIs

Written from the table of what each API fills (\`src/defender/map/coverage.ts\`); do not edit by hand.

A tenant is read by one or more sources (\`tenants[].sources[].api\`, see [configuration.md](configuration.md)). All three
end in the same fields of the same feed, so that the parser file and your content stay as they are when the API changes.

| | \`graph-alerts\` | \`defender-alerts\` | \`siem-detections\` |
|---|---|---|---|
| Microsoft's name | Microsoft Graph security API, \`alerts_v2\` | Microsoft Defender for Endpoint alerts API | Microsoft Defender ATP SIEM API |
| Choose it | by default: Microsoft recommends it, and it fills most | for Defender for Endpoint alone, where Graph cannot be used | only where it was set up long ago and still answers |
| What it holds | the alerts of all Defender products, each with its evidence | the alerts of Defender for Endpoint, each with its evidence | the detections of Defender for Endpoint, one by one |
| Permission to grant (application, with admin consent) | \`SecurityAlert.Read.All\` of *Microsoft Graph* | \`Alert.Read.All\` of *WindowsDefenderATP* | none: use the app that the portal made when SIEM integration was switched on (*WindowsDefenderATPSiemConnector*) |
| Later changes of an alert (status, severity, verdict, ...) | yes | yes | no: a detection never changes |
| Microsoft's limit for one app and tenant | 150 requests a minute | 100 requests a minute and 1,500 an hour | none published |
| Retirement | none announced | none announced | closed to new customers since 25 November 2021, deprecated since 31 December 2023; since 31 December 2024 Microsoft may switch it off without notice |

Where two sources of one tenant deliver the same alert, it belongs to the one that delivered it first, and the other only
confirms it: it is one alert in the feed. \`flexbridge preview --input FILE\` shows what ArcSight gets from an answer of any
of the three that you have as a file.
`;

const NOTES = `Some fields are filled and yet say something else:

* \`AlertTime\` is when the alert was made; from \`siem-detections\` it is when the event happened, as that API always had it.
  \`FirstActivityMs\` and \`LastActivityMs\` are the same moment there.
* \`LastProcessedTimeUtc\` is the last activity, as Microsoft's own migration table has it; from \`siem-detections\` it is
  when the backend processed the detection.
* \`ThreatCategory\` repeats the ATT&CK techniques, again by Microsoft's table; from \`siem-detections\` it is the category
  of the malware.
* Words of \`defender-alerts\` are written as Graph writes them (\`InProgress\` is \`inProgress\`, \`CompromisedUser\` is
  \`compromisedAccount\`, \`WindowsDefenderAv\` is \`antivirus\`), so that one rule fits both. Words of \`siem-detections\`
  stay as they are (\`EDR\`, \`Antivirus\`): so does the content that was written for them. \`Severity\` is the same everywhere.
* \`defender-alerts\` has no remediation in its documented evidence: \`prevented\` and \`blocked\` are taken from
  \`detectionStatus\`. \`verdict\` and \`remediationStatus\` are read where they are sent. Older answers are read too:
  \`actorName\`, \`alertUser\`, \`alertFiles\`, \`alertIps\`, \`alertDomains\`.
* \`siem-detections\` does not say what a detection is about. \`EvidenceType\` is concluded: \`process\` with a command line,
  or with a file and a detector or an acting user; else \`file\`, \`ip\`, \`url\` or \`user\`, the first that is there; else
  \`alert\`. Its indicator fields and ids without a field are in \`EvidenceDetails\`.
* \`FullId\` is written by the bridge, as \`AlertId:DetectionId\`, whichever API was read. The SIEM API's own second half
  is \`IocUniqueId\` in \`EvidenceDetails\`.
* Graph does not say where a device tag was set, so both tag fields carry it.
`;

const OWNERS = [
  ['alert', 'The alert'],
  ['item', 'The evidence item'],
  ['user', 'The user'],
  ['device', 'The device'],
] as const satisfies readonly (readonly [Field['of'], string])[];

function missing(source: SourceName): string {
  const names = facts().filter(([name]) => COVERAGE[name][source] === null);
  return `* \`${source}\`: ${names.length === 0 ? 'nothing; it fills every field.' : `${names.map(([name]) => `\`${name}\``).join(', ')}.`}`;
}

function table(of: Field['of'], title: string): string {
  const rows = facts()
    .filter(([, owner]) => owner === of)
    .map(([name]) => `| \`${name}\` | ${SOURCE_NAMES.map((source) => cell(COVERAGE[name][source])).join(' | ')} |`);
  return `### ${title}

| field | ${SOURCE_NAMES.map((source) => `\`${source}\``).join(' | ')} |
|---|---|---|---|
${rows.join('\n')}
`;
}

function cell(members: readonly string[] | null): string {
  return members === null ? '-' : members.map((member) => `\`${member}\``).join(', ');
}

/** Fields that come from Microsoft, in the order of the catalogue. */
function facts(): readonly (readonly [FactName, Field['of']])[] {
  return FIELDS.flatMap(({ name, of }) => (of === 'event' ? [] : [[name, of] as const]));
}
