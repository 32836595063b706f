import { isShared, parseSharedFilter, topicMatches } from '@milepost/mqtt';
import type { AclRule } from './acl-rule.js';
import { filledFilter } from './acl-rule.js';
import { filterCovers, filtersOverlap } from './filter-sets.js';

const KINDS = ['readable', 'writable', 'denied'] as const;

/** What one user may do with one client id. Made once a connection, and again when the ACL changes. */
export class AccessRights {
  private readonly readable: string[] = [];
  private readonly writable: string[] = [];
  private readonly denied: string[] = [];

  constructor(rules: Iterable<AclRule>, user: string, clientId: string) {
    for (const { access, filter } of rules) {
      const filled = filledFilter(filter, user, clientId);
      if (access === 'deny') this.denied.push(filled ?? '');
      if (filled === undefined) continue;
      if (access === 'read' || access === 'readwrite') this.readable.push(filled);
      if (access === 'write' || access === 'readwrite') this.writable.push(filled);
    }
    // What is denied to this client cannot be said: then nothing is granted to it either.
    if (!this.denied.includes('')) return;
    this.readable.length = 0;
    this.writable.length = 0;
  }

  /** One granted filter must cover the whole filter, and no denied one may reach into it. Shared filters count as what they share. */
  maySubscribe(filter: string): boolean {
    const plain = isShared(filter) ? parseSharedFilter(filter)?.filter : filter;
    if (plain === undefined || this.denied.some((denied) => filtersOverlap(denied, plain))) return false;
    return this.readable.some((granted) => filterCovers(granted, plain));
  }

  /** By the same filters in the same order: what may be done is the same. */
  equals(other: AccessRights): boolean {
    return KINDS.every((kind) => isSameList(this[kind], other[kind]));
  }

  mayPublish(topic: string): boolean {
    return !this.denied.some((denied) => topicMatches(denied, topic)) && this.writable.some((granted) => topicMatches(granted, topic));
  }
}

function isSameList(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((filter, index) => filter === others[index]);
}
