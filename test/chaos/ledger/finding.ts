/** Something that breaks the law; and when the message in question was acknowledged, where one was. */
export interface Finding {
  what: string;
  at?: number;
}
