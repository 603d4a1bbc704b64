"use client";

import { Download } from "lucide-react";
import { Popover } from "@/ui/popover";

interface DownloadMenuProps {
  service: string;
  source: string;
}

const CHOICES = [
  ["The last 1,000 lines", "?lines=1000"],
  ["The last 100,000 lines", "?lines=100000"],
  ["All of it, rotated files too", ""],
  ["All of it, packed (.gz)", "?gzip=true"],
] as const;

/** The address of a log as a file. */
export function downloadAddress(service: string, source: string, query = ""): string {
  return `/admin/logs/download/${encodeURIComponent(service)}/${encodeURIComponent(source)}${query}`;
}

export function DownloadMenu({ service, source }: DownloadMenuProps) {
  return (
    <Popover
      name="Download"
      kind="plain"
      width={260}
      triggerClassName="min-h-8 py-1 font-normal"
      trigger={
        <>
          <Download aria-hidden="true" size={16} />
          Download
        </>
      }
    >
      {(close) =>
        CHOICES.map(([name, query]) => (
          <a
            key={name}
            href={downloadAddress(service, source, query)}
            download
            onClick={close}
            className="flex min-h-9 items-center rounded-lg px-2.5 py-1.5 text-sm -outline-offset-2 hover:bg-raised"
          >
            {name}
          </a>
        ))
      }
    </Popover>
  );
}
