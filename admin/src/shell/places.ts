import type { Role } from "@mixdesk/client";
import {
  Bell,
  Boxes,
  ChartLine,
  Gauge,
  ListChecks,
  type LucideIcon,
  ScrollText,
  Settings,
  ShieldCheck,
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
  { href: "/alerts/", name: "Alerts", icon: Bell, needs: "viewer" },
  { href: "/dashboards/", name: "Dashboards", icon: ChartLine, needs: "viewer" },
  { href: "/audit/", name: "Audit", icon: ShieldCheck, needs: "operator" },
  { href: "/settings/", name: "Settings", icon: Settings, needs: "viewer" },
];
