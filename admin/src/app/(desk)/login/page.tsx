import type { Metadata } from "next";

export const metadata: Metadata = { title: "Sign in" };

/** The shell shows the sign-in here, whoever is signed in. */
export default function Page() {
  return null;
}
