import { BlockList, isIP } from 'node:net';

/** True for a host that is reached directly. */
export type Bypass = (hostname: string, port: number) => boolean;

interface Rule {
  /** Of a host in lower case. */
  readonly covers: (host: string) => boolean;
  /** Null for every port. */
  readonly port: number | null;
}

/** `[v6]`, `[v6]/len`, `[v6/len]`, each with an optional `:port`. */
const BRACKETED = /^\[([^\]]+)\](\/\d+)?(?::(\d+))?$/;
/** Anything else with an optional `:port`. */
const PLAIN = /^([^:]+)(?::(\d+))?$/;
const NAME = /^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*$/u;

/**
 * The NO_PROXY list of a tenant: `name`, `.suffix` and `*.suffix` (each the name itself and all below it, as curl and most
 * programs read them), addresses, CIDR ranges, `*` for everything. Addresses and ranges match hosts that are given as
 * addresses; no name is resolved for them. undici's own reading of NO_PROXY knows no CIDR. An entry in any other form
 * covers nothing: the list may be the environment's, made for other programs, and must not keep the tenant from starting.
 */
export function createBypass(entries: readonly string[]): Bypass {
  const rules = entries.map((entry) => readRule(entry.trim().toLowerCase())).filter((rule) => rule !== null);
  return (hostname, port) => {
    const host = hostname
      .toLowerCase()
      .replace(/^\[|\]$/g, '')
      .replace(/\.$/, '');
    return rules.some((rule) => (rule.port === null || rule.port === port) && rule.covers(host));
  };
}

function readRule(entry: string): Rule | null {
  const { host, port } = splitPort(entry);
  const covers = readHost(host);
  return covers === null ? null : { covers, port: port === undefined ? null : Number(port) };
}

function splitPort(entry: string): { readonly host: string; readonly port: string | undefined } {
  const bare = entry.split('/')[0] ?? '';
  if (isIP(bare) === 6) return { host: entry, port: undefined };
  const bracketed = BRACKETED.exec(entry);
  if (bracketed !== null) return { host: `${bracketed[1] ?? ''}${bracketed[2] ?? ''}`, port: bracketed[3] };
  const plain = PLAIN.exec(entry);
  return { host: plain?.[1] ?? '', port: plain?.[2] };
}

function readHost(host: string): Rule['covers'] | null {
  if (host === '*') return () => true;
  const [address = '', length, ...more] = host.split('/');
  const family = isIP(address);
  if (family !== 0) return more.length === 0 ? readRange(address, family === 6 ? 'ipv6' : 'ipv4', length) : null;
  const name = host.replace(/^\*?\./, '').replace(/\.$/, '');
  return NAME.test(name) ? (asked) => asked === name || asked.endsWith(`.${name}`) : null;
}

function readRange(address: string, family: 'ipv4' | 'ipv6', length: string | undefined): Rule['covers'] | null {
  const longest = family === 'ipv4' ? 32 : 128;
  const prefix = length === undefined ? longest : Number(length);
  if (length === '' || !Number.isInteger(prefix) || prefix < 0 || prefix > longest) return null;
  const range = new BlockList();
  range.addSubnet(address, prefix, family);
  return (asked) => isIP(asked) !== 0 && range.check(asked, isIP(asked) === 6 ? 'ipv6' : 'ipv4');
}
