import type { Metadata } from "next";
import Link from "next/link";

export const metadata: Metadata = { title: "No such page" };

export default function NotFound() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center p-6 pb-[18vh]">
      <p className="font-mono text-sm text-soft">404</p>
      <h1 className="mt-1 text-2xl font-semibold tracking-tight">There is no such page</h1>
      <p className="mt-2 text-soft">
        Its address may be mistyped, or it was a page of an older version. What it led to may still be there:
      </p>
      <ul className="mt-4 flex gap-5 font-medium text-accent">
        <li>
          <Link href="/" prefetch={false} className="hover:underline">
            Overview
          </Link>
        </li>
        <li>
          <Link href="/jobs/" prefetch={false} className="hover:underline">
            Jobs
          </Link>
        </li>
        <li>
          <Link href="/logs/" prefetch={false} className="hover:underline">
            Logs
          </Link>
        </li>
      </ul>
    </main>
  );
}
