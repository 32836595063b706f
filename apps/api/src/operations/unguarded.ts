/** For routes that whoever watches over the installation calls: no key, no rate limit, and an answer under pressure too. */
export const unguarded = { config: { rateLimit: false as const, pressureHandler: () => undefined }, logLevel: 'silent' as const };
