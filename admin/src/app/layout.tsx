import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { THEME_KEY } from "@/lib/theme-key";
import "./globals.css";

export const metadata: Metadata = { title: { default: "Mixdesk", template: "%s · Mixdesk" }, referrer: "same-origin" };
export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f5f6f9" },
    { media: "(prefers-color-scheme: dark)", color: "#0d1016" },
  ],
};

// before the first paint: the theme that an embed asks for, or that was chosen (where the browser keeps anything)
const THEME = `{let t=new URLSearchParams(location.search).get("theme");try{t??=localStorage.getItem("${THEME_KEY}")}catch{}
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
