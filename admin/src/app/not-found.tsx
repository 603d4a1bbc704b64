import Link from "next/link";

export default function NotFound() {
  return (
    <main className="p-8">
      <h1 className="mb-2 text-xl font-semibold">There is no such page</h1>
      <Link href="/" className="text-accent underline">
        To the overview
      </Link>
    </main>
  );
}
