/** What one row of the catalogue says. The rows are in `fields.ts`. */
export interface Field {
  /** Member name in the feed's JSON, and the parser's token name. */
  readonly name: string;
  /** JSON: string, or an integer. Parser token: String, Integer (32 bit) or Long (64 bit). */
  readonly type: 'String' | 'Integer' | 'Long';
  /** Longest value in UTF-16 units; `id` is never cut. Where a row maps to ArcSight it is that field's length. */
  readonly length: number | 'id';
  /** `documented`: Microsoft's published detection field (defender-api 1.4). `bridge`: FlexBridge's own. */
  readonly origin: 'documented' | 'bridge';
  /** Whose detail it is. `event` rows are written by the bridge, the others come from Microsoft. */
  readonly of: 'event' | 'alert' | 'item' | 'device' | 'user';
  readonly description: string;
  /** Where it goes in ArcSight; no entry: additional data only. */
  readonly arcsight?: readonly Target[];
}

export interface Target {
  readonly field: string;
  /** text and number: the token itself; time: `__longToTimeStamp`; ipv4, ipv6: `__regexTokenAsAddress`. */
  readonly as: 'text' | 'number' | 'time' | 'ipv4' | 'ipv6';
  /** Label of a custom field. */
  readonly label?: string;
  /** Only in this layout of a feed; without it, in both. */
  readonly layout?: Layout;
  /** Only with this `receiptTime` of a feed; without it, with both. */
  readonly receiptTime?: ReceiptTime;
}

export type Layout = 'microsoft' | 'esm';
export type ReceiptTime = 'feed' | 'alert';
