import type { ReactNode } from "react";
import { Providers } from "@/shell/providers";
import { Shell } from "@/shell/shell";

export default function DeskLayout({ children }: { children: ReactNode }) {
  return (
    <Providers>
      <Shell>{children}</Shell>
    </Providers>
  );
}
