"use client";

import { Waiting } from "@/ui/empty";

export function SettingsPage() {
  return <Waiting>Settings: being built.</Waiting>;
}
