/** Whether two values that came as JSON say the same. */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  const left = new Map(Object.entries(one));
  return Object.entries(other).every(([name, value]) => left.has(name) && same(left.get(name), value));
}
