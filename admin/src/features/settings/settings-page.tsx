"use client";

import { Suspense } from "react";
import { useSession } from "@/shell/session";
import { Waiting } from "@/ui/empty";
import { PageHeader } from "@/ui/page-header";
import { Tab, TabList, TabPanel, Tabs } from "@/ui/tabs";
import { DeskTab } from "./desk-tab";
import { DoctorTab } from "./doctor-tab";
import { TokensTab } from "./tokens-tab";
import { useTab } from "./use-tab";
import { YouTab } from "./you-tab";

/** What an admin sees of the desk itself, and what everybody may choose for themselves. */
export function SettingsPage() {
  return (
    <>
      <PageHeader title="Settings" />
      <Suspense fallback={<Waiting>Opening the settings …</Waiting>}>
        <Parts />
      </Suspense>
    </>
  );
}

function Parts() {
  const [tab, setTab] = useTab();
  const { may } = useSession();
  if (!may("admin")) return <YouTab />;
  return (
    <Tabs value={tab} onChange={setTab}>
      <TabList label="Parts of the settings">
        <Tab value="desk">Desk</Tab>
        <Tab value="doctor">Health check</Tab>
        <Tab value="tokens">Tokens</Tab>
        <Tab value="you">You</Tab>
      </TabList>
      <TabPanel value="desk">
        <DeskTab />
      </TabPanel>
      <TabPanel value="doctor">
        <DoctorTab />
      </TabPanel>
      <TabPanel value="tokens">
        <TokensTab />
      </TabPanel>
      <TabPanel value="you">
        <YouTab />
      </TabPanel>
    </Tabs>
  );
}
