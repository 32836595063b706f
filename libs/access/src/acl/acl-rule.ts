export const accesses = ['read', 'write', 'readwrite', 'deny'] as const;
export type Access = (typeof accesses)[number];

/** One line of the ACL: `%u` and `%c` in its filter stand for user name and client id. */
export interface AclRule {
  readonly access: Access;
  readonly filter: string;
}

/**
 * The filter for one client. Undefined where a value has a character that means something in a filter, begins with $ where the
 * filter begins, or is empty: it could reach further than whoever wrote the rule meant.
 */
export function filledFilter(filter: string, user: string, clientId: string): string | undefined {
  if (!filter.includes('%')) return filter;
  const values: Record<string, string> = { '%u': user, '%c': clientId };
  let usable = true;
  const filled = filter.replaceAll(/%[uc]/g, (placeholder, at: number) => {
    const value = values[placeholder] ?? '';
    if (value === '' || /[+#/\0]/.test(value) || (at === 0 && value.startsWith('$'))) usable = false;
    return value;
  });
  return usable ? filled : undefined;
}
