/** The dashboards that come with Mixdesk: `grafana/dashboards/`, in the order of their tabs. */
export const BOARDS = [
  { uid: "mixdesk-jobs", title: "Jobs", variables: [] },
  { uid: "mixdesk-job", title: "Job", variables: ["job_id"] },
  { uid: "mixdesk-hosts", title: "Host and GPU", variables: ["host"] },
  { uid: "mixdesk-assets", title: "Assets", variables: ["asset"] },
  { uid: "mixdesk-logs", title: "Logs", variables: ["service"] },
] as const;

export type Board = (typeof BOARDS)[number];

export const RANGES = ["1h", "3h", "6h", "24h", "7d", "30d"] as const;
const DEFAULT_RANGE = "3h";
const REFRESH = "10s";

/** What the address of the page says: which tab, which time, and what the dashboards are of. */
export interface BoardView {
  board: Board;
  range: string;
  variables: Readonly<Record<string, string>>;
}

/** `?board=mixdesk-job&range=6h&job_id=…&host=…&asset=…&service=…`, all of which may be left out. */
export function viewOf(query: URLSearchParams): BoardView {
  const range = query.get("range");
  const names = BOARDS.flatMap((board) => board.variables);
  return {
    board: BOARDS.find((board) => board.uid === query.get("board")) ?? BOARDS[0],
    range: RANGES.find((one) => one === range) ?? DEFAULT_RANGE,
    variables: Object.fromEntries(names.flatMap((name) => (query.get(name) ? [[name, query.get(name) ?? ""]] : []))),
  };
}

/** The address of one of them in Grafana; `kiosk` leaves out Grafana's own frame. */
export function boardAddress(
  grafana: string,
  board: Board,
  view: Pick<BoardView, "range" | "variables">,
  look: { theme: string; kiosk: boolean },
): string {
  const query = new URLSearchParams({ orgId: "1", from: `now-${view.range}`, to: "now", refresh: REFRESH });
  query.set("theme", look.theme);
  for (const name of board.variables) {
    const value = view.variables[name];
    if (value !== undefined) query.append(`var-${name}`, value);
  }
  if (look.kiosk) query.set("kiosk", "true");
  return `${grafana}/d/${board.uid}?${query}`;
}
