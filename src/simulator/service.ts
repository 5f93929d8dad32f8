/** Microsoft's APIs that tell of alerts. */
export const APIS = ['graph', 'defender', 'siem'] as const;
export type Api = (typeof APIS)[number];

/** Whatever of Microsoft's can be asked: the APIs, the login service, and the identity endpoint of a machine. */
export const SERVICES = [...APIS, 'login', 'identity'] as const;
export type Service = (typeof SERVICES)[number];
