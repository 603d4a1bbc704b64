/** What stands under a name in a table of ours. A name from outside finds nothing of the prototype (`constructor`). */
export function lookup<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
