import Link from "next/link";

export function JobLink({ id }: { id: string }) {
  return (
    <Link
      href={`/jobs/detail/?id=${encodeURIComponent(id)}`}
      prefetch={false}
      className="text-sm text-accent underline-offset-2 hover:underline"
    >
      its job
    </Link>
  );
}
