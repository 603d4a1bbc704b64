export interface Row {
  /** As mixdesk.toml calls it. */
  key: string;
  says: string;
  /** null: not set. */
  value: string | null;
  /** What holds while it is not set, or what to do about it. */
  otherwise?: string;
}

export interface Group {
  name: string;
  rows: readonly Row[];
}
