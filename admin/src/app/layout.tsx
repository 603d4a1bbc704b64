import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import "./globals.css";

export const metadata: Metadata = { title: { default: "Mixdesk", template: "%s · Mixdesk" }, referrer: "same-origin" };
export const viewport: Viewport = { width: "device-width", initialScale: 1 };

// before the first paint: the theme that was chosen, or that an embed asks for
const THEME = `{const t=new URLSearchParams(location.search).get("theme")??localStorage.getItem("mixdesk-theme");
if(t==="light"||t==="dark")document.documentElement.dataset.theme=t}`;

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own text, allowed by its hash */}
        <script dangerouslySetInnerHTML={{ __html: THEME }} />
      </head>
      <body>{children}</body>
    </html>
  );
}
