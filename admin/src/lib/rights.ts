import { type Me, may } from "@mixdesk/client";

/** Whether somebody may act on what belongs to nobody, such as assets: an operator who is bound to no owner. */
export function actsOnAll(me: Pick<Me, "roles" | "owner"> | null | undefined): boolean {
  return may(me, "operator") && me?.owner == null;
}
