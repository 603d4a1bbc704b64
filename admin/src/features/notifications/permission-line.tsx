"use client";

import { useState } from "react";
import { Button } from "@/ui/button";
import { type Permission, show, usePermission } from "./browser";

/** Whether the browser shows notifications of this page; if not, why and what to do. */
export function PermissionLine() {
  const [permission, ask] = usePermission();
  const [said, setSaid] = useState("");
  const test = () => {
    const problem = show("Mixdesk", "This is how you are told when a job ends.", "test");
    setSaid(
      problem === null
        ? "Sent to the browser. If you see nothing, look at the system’s own settings."
        : `Not shown: ${problem}`,
    );
  };
  return (
    <div className="space-y-1.5 text-sm">
      <p className="text-soft">{wordsOf(permission)}</p>
      {permission === "ask" && <Button onClick={ask}>Show browser notifications</Button>}
      {permission === "granted" && <Button onClick={test}>Send a test notification</Button>}
      <p role="status" className="empty:hidden">
        {said}
      </p>
    </div>
  );
}

function wordsOf(permission: Permission): string {
  switch (permission) {
    case "granted":
      return "The browser shows them too, also while this tab is in the background.";
    case "ask":
      return "The browser can show them too, also while this tab is in the background.";
    case "denied":
      return "This browser was told not to show notifications of this page. Allow them at the left of the address.";
    case "insecure":
      return `Browsers show notifications of https pages and of localhost alone; this is ${location.origin}. Put the desk behind https, or open it through a tunnel: ssh -L ${port()}:127.0.0.1:${port()} ${location.hostname}`;
    case "missing":
      return "This browser has no notifications.";
    default:
      return "";
  }
}

const HTTP_PORT = "80";
const port = (): string => location.port || HTTP_PORT;
