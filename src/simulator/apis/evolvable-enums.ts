import type { GraphAlert } from '../world/graph-alert.ts';

/**
 * Enumerations of alerts_v2 in the order of the schema (msgraph-metadata, v1.0). Graph sends the members behind
 * `unknownFutureValue` by name only to clients that ask with `Prefer: include-unknown-enum-members`.
 */
const MEMBERS = {
  serviceSource: words(
    'unknown microsoftDefenderForEndpoint microsoftDefenderForIdentity microsoftDefenderForCloudApps microsoftDefenderForOffice365 microsoft365Defender azureAdIdentityProtection microsoftAppGovernance dataLossPrevention unknownFutureValue microsoftDefenderForCloud microsoftSentinel microsoftInsiderRiskManagement microsoftThreatIntelligence microsoftSecurityForAI',
  ),
  detectionSource: words(
    'unknown microsoftDefenderForEndpoint antivirus smartScreen customTi microsoftDefenderForOffice365 automatedInvestigation microsoftThreatExperts customDetection microsoftDefenderForIdentity cloudAppSecurity microsoft365Defender azureAdIdentityProtection manual microsoftDataLossPrevention appGovernancePolicy appGovernanceDetection unknownFutureValue microsoftDefenderForCloud microsoftDefenderForIoT microsoftDefenderForServers microsoftDefenderForStorage microsoftDefenderForDNS microsoftDefenderForDatabases microsoftDefenderForContainers microsoftDefenderForNetwork microsoftDefenderForAppService microsoftDefenderForKeyVault microsoftDefenderForResourceManager microsoftDefenderForApiManagement nrtAlerts scheduledAlerts microsoftDefenderThreatIntelligenceAnalytics builtInMl microsoftInsiderRiskManagement microsoftThreatIntelligence microsoftDefenderForAIServices securityCopilot microsoftSentinel',
  ),
  status: words('unknown new inProgress resolved unknownFutureValue'),
  severity: words('unknown informational low medium high unknownFutureValue'),
} as const;

export function isKnownMember(name: keyof typeof MEMBERS, word: string): boolean {
  return MEMBERS[name].includes(word);
}

/** The alert as a client sees it that did not ask for the newer members. */
export function withoutNewerMembers(alert: GraphAlert): GraphAlert {
  const { serviceSource, detectionSource } = alert;
  const changed = {
    ...(isNewer('serviceSource', serviceSource) ? { serviceSource: 'unknownFutureValue' } : {}),
    ...(isNewer('detectionSource', detectionSource) ? { detectionSource: 'unknownFutureValue' } : {}),
  };
  return { ...alert, ...changed };
}

function isNewer(name: 'serviceSource' | 'detectionSource', word: string | null | undefined): boolean {
  const members = MEMBERS[name];
  return typeof word === 'string' && members.indexOf(word) > members.indexOf('unknownFutureValue');
}

function words(text: string): readonly string[] {
  return text.split(' ');
}
