import type { GrantedSubscription } from './granted.js';

export interface Member<Client> extends GrantedSubscription {
  readonly client: Client;
  /** The subscription that retained messages were sent for last: itself, or the one that it replaced and asked for no more than. */
  readonly handOut: GrantedSubscription;
}

/** The members of a shared subscription (MQTT 5.0 §4.8.2). Each message goes to one of them, in turn. */
export class ShareGroup<Client extends { readonly connected: boolean }> {
  /** Another list whenever somebody joins, leaves or subscribes again. */
  members: readonly Member<Client>[] = [];
  private next = 0;

  /** @param name `$share/{group}/{filter}` */
  constructor(readonly name: string) {}

  get empty(): boolean {
    return this.members.length === 0;
  }

  /** A member that subscribes again keeps its place. */
  set(member: Member<Client>): void {
    const index = this.indexOf(member.client);
    this.members = index < 0 ? [...this.members, member] : this.members.with(index, member);
  }

  delete(client: Client): void {
    const index = this.indexOf(client);
    if (index < 0) return;
    this.members = this.members.toSpliced(index, 1);
    if (index < this.next) this.next--;
  }

  /** Whose turn it is: a member that is away has one only when all are. */
  choose(): Member<Client> | undefined {
    const { members } = this;
    for (let step = 0; step < members.length; step++) {
      const index = (this.next + step) % members.length;
      if (members[index]?.client.connected === true) return this.take(index);
    }
    return this.take(this.next % members.length);
  }

  private take(index: number): Member<Client> | undefined {
    this.next = index + 1;
    return this.members[index];
  }

  private indexOf(client: Client): number {
    return this.members.findIndex((member) => member.client === client);
  }
}
