/** The order of a list with the newest first; what was made in the same moment goes by its id. */
export function newestFirst<T extends { readonly created_at: string }>(
  idOf: (one: T) => string,
): (one: T, other: T) => number {
  return (one, other) => compare(other.created_at, one.created_at) || compare(idOf(other), idOf(one));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
