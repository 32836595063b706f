import type { PolicySettings } from '@milepost/contracts';
import { type PolicyLayer, presencePolicyOf, type ResolvedPolicy, resolvePolicy } from './effective-policy.js';
import { windowEndMs } from './maintenance-window.js';
import type { Policies, PolicySubject, Telling } from './policies.js';
import type { PresencePolicy } from './policy.js';
import type { MuteRule, NumberedChange, PolicyChange, PolicyTarget } from './policy-change.js';

interface Rule {
  organisationId: number;
  scope: PolicyTarget['scope'];
  groupId?: string;
  priority: number;
  settings: PolicySettings;
}

/** A policy that somebody might say. */
export interface SaidPolicy extends PolicyTarget {
  priority: number;
  settings: PolicySettings;
}

/** Mutes and windows that follow each other are one: so many are looked through for the end of all. */
const MAX_MUTES_IN_A_ROW = 64;

/** Everything said of policies up to a change: a value that never changes. Who has the same version has the same policies. */
export class PolicyBook implements Policies {
  readonly #base: PolicySettings;
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #groups: ReadonlyMap<number, readonly string[]>;
  readonly #mutes: ReadonlyMap<string, readonly MuteRule[]>;
  readonly #resolved = new Map<string, PresencePolicy>();

  private constructor(
    readonly version: number,
    base: PolicySettings,
    rules: ReadonlyMap<string, Rule>,
    groups: ReadonlyMap<number, readonly string[]>,
    mutes: ReadonlyMap<string, readonly MuteRule[]>,
  ) {
    this.#base = base;
    this.#rules = rules;
    this.#groups = groups;
    this.#mutes = mutes;
  }

  static readonly empty = new PolicyBook(0, {}, new Map(), new Map(), new Map());

  /** The book with further changes, in their order; those that it has already are passed over. */
  with(changes: readonly NumberedChange[]): PolicyBook {
    const news = changes.filter(({ id }) => id > this.version);
    if (news.length === 0) return this;
    const draft = { base: this.#base, rules: new Map(this.#rules), groups: new Map(this.#groups), mutes: new Map(this.#mutes) };
    let { version } = this;
    for (const { id, change } of news) {
      fold(draft, change);
      version = id;
    }
    return new PolicyBook(version, draft.base, draft.rules, draft.groups, draft.mutes);
  }

  /** The book of the same number with other policies in place of some; groups, mutes and configuration stay as they are. */
  instead(of: (rule: Pick<Rule, 'organisationId' | 'scope'>) => boolean, policies: readonly SaidPolicy[]): PolicyBook {
    const kept = [...this.#rules].filter(([, rule]) => !of(rule));
    const said = policies.map((policy) => [keyOf(policy), ruleOf(policy.settings, policy)] as const);
    return new PolicyBook(this.version, this.#base, new Map([...kept, ...said]), this.#groups, this.#mutes);
  }

  policyOf(subject: PolicySubject): PresencePolicy {
    // Most vehicles have no policy of their own: one answer for all of an organisation and set of groups.
    const key = this.#rules.has(keyOf({ ...subject, scope: 'vehicle' }))
      ? `v${subject.vehicle}`
      : `${subject.organisationId}/${(this.#groups.get(subject.vehicle) ?? []).join()}`;
    const known = this.#resolved.get(key);
    if (known !== undefined) return known;
    const policy = presencePolicyOf(this.resolve(subject));
    this.#resolved.set(key, policy);
    return policy;
  }

  /** The policy with where each of its values comes from. */
  resolve(subject: PolicySubject): ResolvedPolicy {
    const { organisationId } = subject;
    const ofOrganisation = this.#rules.get(keyOf({ organisationId, scope: 'organisation' }));
    const ofVehicle = this.#rules.get(keyOf({ ...subject, scope: 'vehicle' }));
    const ofGroups = (this.#groups.get(subject.vehicle) ?? [])
      .map((groupId) => this.#rules.get(keyOf({ organisationId, scope: 'group', groupId })))
      .filter((rule) => rule !== undefined)
      .sort((a, b) => a.priority - b.priority || compare(b.groupId ?? '', a.groupId ?? ''));
    const layers: PolicyLayer[] = [{ source: { kind: 'configuration' }, settings: this.#base }];
    if (ofOrganisation) layers.push({ source: { kind: 'organisation' }, settings: ofOrganisation.settings });
    for (const { groupId, settings } of ofGroups) layers.push({ source: { kind: 'group', ...(groupId && { groupId }) }, settings });
    if (ofVehicle) layers.push({ source: { kind: 'vehicle' }, settings: ofVehicle.settings });
    return resolvePolicy(layers);
  }

  mutedUntilMs(subject: PolicySubject, telling: Telling, atMs: number): number | undefined {
    const rules = this.#mutesOf(subject).filter((rule) => concerns(rule, telling));
    const { maintenanceWindows } = this.policyOf(subject);
    let untilMs: number | undefined;
    for (let round = 0; round < MAX_MUTES_IN_A_ROW; round += 1) {
      const timeMs: number = untilMs ?? atMs;
      const ends = [
        ...rules
          .filter(({ fromMs, untilMs: end }) => fromMs <= timeMs && (end ?? Infinity) > timeMs)
          .map(({ untilMs: end }) => end ?? Infinity),
        ...maintenanceWindows.map((window) => windowEndMs(window, timeMs)).filter((end) => end !== undefined),
      ];
      if (ends.length === 0) return untilMs;
      untilMs = Math.max(...ends);
      if (untilMs === Number.POSITIVE_INFINITY) return untilMs;
    }
    return untilMs;
  }

  #mutesOf({ organisationId, vehicle }: PolicySubject): MuteRule[] {
    if (this.#mutes.size === 0) return [];
    const targets: PolicyTarget[] = [
      { organisationId, scope: 'organisation' },
      { organisationId, scope: 'vehicle', vehicle },
      ...(this.#groups.get(vehicle) ?? []).map((groupId) => ({ organisationId, scope: 'group' as const, groupId })),
    ];
    return targets.flatMap((target) => this.#mutes.get(keyOf(target)) ?? []);
  }
}

interface Draft {
  base: PolicySettings;
  rules: Map<string, Rule>;
  groups: Map<number, readonly string[]>;
  mutes: Map<string, readonly MuteRule[]>;
}

function fold(draft: Draft, change: PolicyChange): void {
  switch (change.kind) {
    case 'base':
      draft.base = change.settings;
      break;
    case 'policy': {
      const key = keyOf(change);
      const { settings } = change;
      if (settings === null) draft.rules.delete(key);
      else draft.rules.set(key, ruleOf(settings, change));
      break;
    }
    case 'member': {
      const others = (draft.groups.get(change.vehicle) ?? []).filter((groupId) => groupId !== change.groupId);
      const groups = change.member ? [...others, change.groupId].sort(compare) : others;
      if (groups.length === 0) draft.groups.delete(change.vehicle);
      else draft.groups.set(change.vehicle, groups);
      break;
    }
    case 'mute': {
      const key = keyOf(change);
      const others = (draft.mutes.get(key) ?? []).filter(({ id }) => id !== change.id);
      const rules = change.removed ? others : [...others, change];
      if (rules.length === 0) draft.mutes.delete(key);
      else draft.mutes.set(key, rules);
      break;
    }
  }
}

function ruleOf(settings: PolicySettings, { organisationId, scope, groupId, priority }: Omit<SaidPolicy, 'settings'>): Rule {
  return { organisationId, scope, settings, priority, ...(groupId && { groupId }) };
}

function keyOf({ scope, organisationId, groupId, vehicle }: PolicyTarget): string {
  switch (scope) {
    case 'organisation':
      return `o${organisationId}`;
    case 'group':
      return `g${groupId}`;
    case 'vehicle':
      return `v${vehicle}`;
  }
}

function concerns({ types, alertOpenedAtMs }: MuteRule, { type, openedAtMs }: Telling): boolean {
  if (types && !types.includes(type)) return false;
  return alertOpenedAtMs === undefined || alertOpenedAtMs === null || alertOpenedAtMs === openedAtMs;
}

/** Ids of groups sort by their age. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
