import type { Operation } from './operation.ts';
import { PATTERN_OPERATIONS } from './pattern-operations.ts';
import { TEXT_OPERATIONS } from './text-operations.ts';

/** Operations this reader evaluates, by name with the underscores (arcsight-parser 4). */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map([...TEXT_OPERATIONS, ...PATTERN_OPERATIONS]);

/** Operations known from published files and lists, which this reader gives nothing for. */
export const UNEVALUATED_OPERATIONS: ReadonlySet<string> = new Set(
  [
    'concatenateDeleting oneOfHostName oneOfNetBIOSName ifThenElseAddress ifAorBThenElse ifTrueThenElse',
    'ifGreaterOrEqual ifPositive contains containsFromList splitAsAddress splitAsInteger splitAsLong',
    'regexTokenFindAndJoin multilineRegexToken replaceFirst safeToRoundedLong parseSignedLong toLongTimeStamp',
    'parseMutableTimeStamp parseMutableTimeStampSilently createTimeStamp createSafeLocalTimeStamp useCurrentYear',
    'setYearToCurrentYear currentTimestampInSeconds hourMinuteSecondsToSeconds extractNTUser extractNTDomain',
    'getDeviceDirection getProtocolName getProtocolNameFromString extractProtocol getNotZeroPort getOriginator getType',
    'sum subtract product divide firstOfPositiveInteger hexStringToAddress longToDot4QuadAddress numberToAddress',
    'signedNumberToAddress doubleToAddress stringToIPv6Address hexStringToIPV6Address',
    'getIPv4AddressEmbeddedInIPv6Address getLongMACAddressByString getLongMACAddressByHexString hexStringToString',
    'hexStringToLong toHex BASE64Decode uri collection',
  ].flatMap((line) => line.split(' ').map((name) => `__${name}`)),
);
