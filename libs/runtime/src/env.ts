import Type, { type TArray, type TBoolean, type TInteger, type TNumber, type TString } from 'typebox';
/** What every variable says about itself; the README's tables are made of it. */
export interface VariableOptions<T> {
  description: string;
  /** Without a default the variable is required, unless `optional` is set where it is declared. */
  default?: T;
  /** Never printed: passwords, keys. */
  secret?: boolean;
}

interface NumberOptions extends VariableOptions<number> {
  minimum?: number;
  maximum?: number;
}

interface StringOptions extends VariableOptions<string> {
  pattern?: string;
  minLength?: number;
}

/** TypeBox schemas for environment variables: the property's key is the variable's name. */
export const env = {
  string: (options: StringOptions): TString => Type.String({ minLength: 1, ...options }),
  integer: (options: NumberOptions): TInteger => Type.Integer({ ...options }),
  number: (options: NumberOptions): TNumber => Type.Number({ ...options }),
  boolean: (options: VariableOptions<boolean>): TBoolean => Type.Boolean({ ...options }),
  /** TCP port; 0 means "a free one". */
  port: (options: VariableOptions<number>): TInteger => Type.Integer({ minimum: 0, maximum: 65_535, ...options }),
  /** Comma-separated; spaces around the items are dropped. */
  list: (options: VariableOptions<string[]>): TArray<TString> => Type.Array(Type.String({ minLength: 1 }), { ...options }),
  oneOf: <const T extends string>(values: readonly T[], options: VariableOptions<T>) => Type.Enum([...values], { ...options }),
  /** A path; relative ones are resolved against the working directory by whoever opens them. */
  file: (options: VariableOptions<string>): TString => Type.String({ minLength: 1, ...options }),
};
