export interface UsedAlias {
  readonly alias: number;
  /** The client has been told this alias before: the topic may be left out. */
  readonly known: boolean;
}

/** Topic aliases towards a client: the first topics that come get one, up to what it allows (MQTT-3.2.2-18). */
export class OutboundAliases {
  private readonly aliases = new Map<string, number>();
  private given = 0;

  constructor(private readonly maximum: number) {}

  use(topic: string): UsedAlias | undefined {
    const alias = this.aliases.get(topic);
    if (alias !== undefined) return { alias, known: true };
    if (this.given >= this.maximum) return undefined;
    this.given++;
    this.aliases.set(topic, this.given);
    return { alias: this.given, known: false };
  }

  /** The packet that should have told the newest alias was not sent: an unsent alias would name nothing. */
  forget(topic: string): void {
    if (this.aliases.delete(topic)) this.given--;
  }
}
