import type { Metadata } from "next";
import { DashboardsPage } from "@/features/dashboards/dashboards-page";

export const metadata: Metadata = { title: "Dashboards" };

export default function Page() {
  return <DashboardsPage />;
}
