"use client";

import { useEffect, useState } from "react";
import { useHost } from "@/shell/host";
import { Tab, TabList, TabPanel, Tabs } from "@/ui/tabs";
import { BOARDS, type BoardView } from "./boards";
import { DashboardFrame } from "./frame";
import { Toolbar } from "./toolbar";

interface BoardTabsProps {
  grafana: string;
  view: BoardView;
  change: (name: string, value: string) => void;
}

/** A tab a dashboard. Each frame is made when its tab is first opened, and kept: a frame is a whole Grafana. */
export function BoardTabs({ grafana, view, change }: BoardTabsProps) {
  const opened = useOpened(view.board.uid);
  const { host } = useHost();
  const shown = host === undefined ? view : { ...view, variables: { host, ...view.variables } };
  return (
    <Tabs value={view.board.uid} onChange={(uid) => change("board", uid)}>
      <TabList label="Dashboards">
        {BOARDS.map(({ uid, title }) => (
          <Tab key={uid} value={uid}>
            {title}
          </Tab>
        ))}
      </TabList>
      <Toolbar grafana={grafana} view={shown} change={change} />
      {BOARDS.filter(({ uid }) => opened.has(uid)).map((board) => (
        <TabPanel key={board.uid} value={board.uid} keep>
          <DashboardFrame grafana={grafana} board={board} view={shown} />
        </TabPanel>
      ))}
    </Tabs>
  );
}

function useOpened(uid: string): ReadonlySet<string> {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set([uid]));
  useEffect(() => setOpened((known) => (known.has(uid) ? known : new Set([...known, uid]))), [uid]);
  return opened;
}
