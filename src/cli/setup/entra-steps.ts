import { API_TABLE } from '../../defender/api-table.ts';
import { SOURCE_NAMES } from '../../domain/detection.ts';
import type { Answers } from './answers.ts';

/** App ids of the APIs at Microsoft, for a grant without a page (docs/microsoft.md, Managed identity). */
const API_APP_IDS = {
  'graph-alerts': '00000003-0000-0000-c000-000000000000',
  'defender-alerts': 'fc780465-2017-40d4-a0c5-307022471b92',
} as const;

/** The exact steps that give the bridge its access, for the API and the credential that were chosen. */
export function entraSteps(answers: Answers): readonly string[] {
  const { api = 'graph-alerts', credential } = answers;
  const where = `${portalOf(answers)} (you need a role that may give admin consent)`;
  if (api === 'siem-detections')
    return [
      where,
      '1. App registrations > All applications > WindowsDefenderATPSiemConnector, which the SIEM switch of the',
      '   Defender portal made. There is no permission to grant.',
      '2. Overview: note the Application (client) ID and the Directory (tenant) ID.',
      ...numbered(3, proofSteps(credential)),
    ];
  if (credential === 'managed-identity') return identitySteps(api);
  return [
    where,
    '1. App registrations > New registration: any name, accounts in this organizational directory only, no redirect URI.',
    '   Overview: note the Application (client) ID and the Directory (tenant) ID.',
    ...numbered(2, [permissionStep(api), 'Grant admin consent for ...: the column Status must say Granted.']),
    ...numbered(4, proofSteps(credential)),
  ];
}

/** What has to be granted; empty for the API that has no permission. */
export function permissionOf(api: string): string {
  const name = SOURCE_NAMES.find((known) => known === api);
  return name === undefined ? '' : (API_TABLE[name].permissions[0] ?? '');
}

function portalOf({ cloud }: Answers): string {
  return cloud === 'gcc-high' || cloud === 'dod' ? 'https://entra.microsoft.us' : 'https://entra.microsoft.com';
}

function permissionStep(api: string): string {
  const place =
    api === 'defender-alerts' ? 'APIs my organization uses, type WindowsDefenderATP' : API_TABLE['graph-alerts'].title;
  return `API permissions > Add a permission > ${place} > Application permissions (not Delegated): ${permissionOf(api)}.`;
}

function proofSteps(credential: string | undefined): readonly string[] {
  if (credential === 'certificate')
    return ['Certificates & secrets > Certificates > Upload certificate: the certificate (RSA), never its key.'];
  if (credential === 'workload-identity')
    return [
      'Certificates & secrets > Federated credentials > Add credential: Kubernetes accessing Azure resources, with issuer, namespace and service account of the pod; audience api://AzureADTokenExchange.',
    ];
  return ['Certificates & secrets > New client secret: copy its Value (not its Secret ID); it is shown once.'];
}

function identitySteps(api: string): readonly string[] {
  const appId = api === 'defender-alerts' ? API_APP_IDS['defender-alerts'] : API_APP_IDS['graph-alerts'];
  return [
    '1. https://portal.azure.com: the machine > Identity > System assigned > On > Save.',
    `2. There is no page for its permission. In Microsoft Graph PowerShell (not tested here; NAME is the machine's):`,
    '   Connect-MgGraph -Scopes Application.Read.All, AppRoleAssignment.ReadWrite.All',
    `   $identity = Get-MgServicePrincipal -Filter "displayName eq 'NAME'"`,
    `   $api = Get-MgServicePrincipal -Filter "appId eq '${appId}'"`,
    `   $role = $api.AppRoles | Where-Object Value -eq '${permissionOf(api)}'`,
    '   New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $identity.Id -PrincipalId $identity.Id -ResourceId $api.Id -AppRoleId $role.Id',
    '3. Azure keeps the tokens of a managed identity for up to 24 hours, so it can take as long to show.',
  ];
}

function numbered(first: number, steps: readonly string[]): readonly string[] {
  return steps.map((step, index) => `${first + index}. ${step}`);
}
