import { isShared, isTopicFilter } from '@milepost/mqtt';
import { AccessError } from '../access-error.js';
import { isUserName } from '../users/user.js';
import { AccessRights } from './access-rights.js';
import { type Access, type AclRule, accesses } from './acl-rule.js';

export const aclLimits = { maxRules: 10_000, maxFileBytes: 4 * 1024 * 1024 };

const NO_RULES: readonly AclRule[] = [];

/** Who may do what: rules for everybody, and rules of single users. What no rule grants is denied. */
export class Acl {
  constructor(
    private readonly everybody: readonly AclRule[],
    private readonly users: ReadonlyMap<string, readonly AclRule[]>,
  ) {}

  rightsOf(user: string, clientId: string): AccessRights {
    return new AccessRights([...this.everybody, ...(this.users.get(user) ?? NO_RULES)], user, clientId);
  }

  maySubscribe(user: string, clientId: string, filter: string): boolean {
    return this.rightsOf(user, clientId).maySubscribe(filter);
  }

  mayPublish(user: string, clientId: string, topic: string): boolean {
    return this.rightsOf(user, clientId).mayPublish(topic);
  }
}

/**
 * The ACL file. Its lines, beside empty ones and those that begin with #:
 *
 *     pattern ACCESS FILTER    for every user, wherever it stands
 *     user NAME                the topic lines that follow are this user's
 *     topic ACCESS FILTER
 *
 * ACCESS is read (subscribe), write (publish), readwrite or deny; a deny is stronger than any grant. `%u` in a filter is the user's
 * name, `%c` the client id.
 *
 * @param path stands in error messages.
 * @throws AccessError `acl_unreadable` with the line's number and what is wrong in it.
 */
export function parseAcl(text: string, path: string): Acl {
  const everybody: AclRule[] = [];
  const users = new Map<string, AclRule[]>();
  let section: AclRule[] | undefined;
  let rules = 0;
  if (text.length > aclLimits.maxFileBytes) throw unreadable(path, `it is larger than ${aclLimits.maxFileBytes} bytes`);
  for (const [index, line] of text.split('\n').entries()) {
    const refuse = (reason: string): never => {
      throw unreadable(path, `line ${index + 1}: ${reason}`);
    };
    const content = line.trim();
    if (content === '' || content.startsWith('#')) continue;
    const [, keyword = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(content) ?? [];
    if (keyword === 'user') {
      if (!isUserName(rest)) refuse(`"${rest}" is no user name`);
      section = users.get(rest) ?? [];
      users.set(rest, section);
      continue;
    }
    if (keyword !== 'pattern' && keyword !== 'topic') refuse(`"${keyword}" is none of user, pattern, topic`);
    const target =
      keyword === 'pattern'
        ? everybody
        : (section ?? refuse('topic lines belong to a user: put "user NAME" before it, or use pattern for everybody'));
    if (++rules > aclLimits.maxRules) refuse(`there are more than ${aclLimits.maxRules} rules`);
    target.push(parseRule(rest, refuse));
  }
  return new Acl(everybody, users);
}

function parseRule(text: string, refuse: (reason: string) => never): AclRule {
  const [, word = '', filter = ''] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
  if (!isAccess(word)) return refuse(`"${word}" is none of ${accesses.join(', ')}, which stand before the filter`);
  if (isShared(filter)) return refuse('shared filters are granted by the filter that they share, without $share/GROUP/');
  // The placeholders are judged as what they stand for: a part of a level.
  if (!isTopicFilter(filter)) return refuse(`"${filter}" is no topic filter: + and # fill a whole level, and # is the last one`);
  return { access: word, filter };
}

function isAccess(word: string): word is Access {
  return (accesses as readonly string[]).includes(word);
}

function unreadable(path: string, reason: string): AccessError {
  return new AccessError('acl_unreadable', `The ACL in ${path} cannot be used: ${reason}.`);
}
