import { EmbeddedMetrics } from "@/features/embed/metrics";

export default function Page() {
  return <EmbeddedMetrics />;
}
