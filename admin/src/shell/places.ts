import { type Me, may, type Role } from "@mixdesk/client";
import {
  Boxes,
  ChartLine,
  Gauge,
  ListChecks,
  type LucideIcon,
  ScrollText,
  Settings,
  ShieldCheck,
  TriangleAlert,
} from "lucide-react";

export interface Place {
  href: string;
  name: string;
  icon: LucideIcon;
  needs: Role;
}

/** The pages in the order of the rail, and who sees them. */
export const PLACES: readonly Place[] = [
  { href: "/", name: "Overview", icon: Gauge, needs: "viewer" },
  { href: "/jobs/", name: "Jobs", icon: ListChecks, needs: "viewer" },
  { href: "/assets/", name: "Assets", icon: Boxes, needs: "viewer" },
  { href: "/logs/", name: "Logs", icon: ScrollText, needs: "viewer" },
  { href: "/alerts/", name: "Alerts", icon: TriangleAlert, needs: "viewer" },
  { href: "/dashboards/", name: "Dashboards", icon: ChartLine, needs: "viewer" },
  { href: "/audit/", name: "Audit", icon: ShieldCheck, needs: "operator" },
  { href: "/settings/", name: "Settings", icon: Settings, needs: "viewer" },
];

/** The pages that somebody sees; those of a viewer while it is not known who it is. */
export function placesOf(me: Me | null): readonly Place[] {
  return PLACES.filter((place) => (me === null ? place.needs === "viewer" : may(me, place.needs)));
}

/** What a page is called: whoever is bound to an owner has jobs of their own alone. */
export function nameOf(place: Place, me: Me | null): string {
  return place.href === "/jobs/" && me?.owner ? "My jobs" : place.name;
}

/** Whether a page, or one below it, is open. */
export function isHere(href: string, path: string): boolean {
  return href === "/" ? path === "/" : path.startsWith(href);
}
