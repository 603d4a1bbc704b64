import type { Metadata } from "next";
import type { ReactNode } from "react";

export const metadata: Metadata = { title: "Training" };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" style={{ colorScheme: "light dark" }}>
      <body style={{ fontFamily: "system-ui", maxWidth: "50rem", margin: "2rem auto", padding: "0 1rem" }}>
        {children}
      </body>
    </html>
  );
}
