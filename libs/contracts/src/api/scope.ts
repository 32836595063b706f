export const scopes = ['read', 'alerts:write', 'webhooks:write', 'admin'] as const;
export type Scope = (typeof scopes)[number];
