import { EmbeddedAssets } from "@/features/embed/assets";

export default function Page() {
  return <EmbeddedAssets />;
}
