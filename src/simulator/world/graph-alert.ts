/** An alert as Graph serves it (defender-api 4.1). Loose on purpose: tests put broken and future shapes here, too. */
export interface GraphAlert {
  readonly id: string;
  readonly createdDateTime: string;
  readonly lastUpdateDateTime: string;
  readonly title?: string | null;
  readonly status?: string;
  readonly severity?: string;
  readonly classification?: string | null;
  readonly determination?: string | null;
  readonly serviceSource?: string;
  readonly detectionSource?: string | null;
  readonly assignedTo?: string | null;
  readonly lastActivityDateTime?: string | null;
  readonly resolvedDateTime?: string | null;
  readonly comments?: readonly GraphComment[];
  readonly evidence?: readonly GraphEvidence[];
  readonly [member: string]: unknown;
}

/** One evidence item; `@odata.type` names its kind, `#microsoft.graph.security.processEvidence` and the like. */
export interface GraphEvidence {
  readonly '@odata.type': string;
  readonly createdDateTime?: string;
  readonly verdict?: string;
  readonly remediationStatus?: string;
  readonly remediationStatusDetails?: string | null;
  readonly roles?: readonly string[];
  readonly detailedRoles?: readonly string[];
  readonly tags?: readonly string[];
  readonly [member: string]: unknown;
}

interface GraphComment {
  readonly comment: string;
  readonly createdByDisplayName: string;
  readonly createdDateTime: string;
}
