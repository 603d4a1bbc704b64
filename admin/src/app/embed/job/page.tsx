import { EmbeddedJob } from "@/features/embed/job";

export default function Page() {
  return <EmbeddedJob />;
}
