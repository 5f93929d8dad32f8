/**
 * A question about the connector that no public document answers, and what was seen of it.
 * `not-from-here`: nothing that reaches the bridge can tell; `answer` then says where it is to be found.
 */
export interface Answered {
  readonly id: string;
  readonly question: string;
  readonly state: 'answered' | 'not-seen' | 'not-from-here';
  /** What was seen, and no more. */
  readonly answer: string;
  /** How often. */
  readonly evidence: string;
}
