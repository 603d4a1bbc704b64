// Run by tests/admin/test_client.py: the built package against a real desk, told what to do line by line.
// `node --experimental-websocket streams.mjs URL TOKEN`; each line of stdin is `name argument`, each answer one line.
import { createInterface } from "node:readline";
import { assets, Desk, isProblem, jobs, LogTail, MetricsHistory, OperationSource, operations } from "@mixdesk/client";

const [url, token] = process.argv.slice(2);
const desk = new Desk({ url, token });
const open = new Map();

const shape = {
  jobs: (view) => [...view.data.values()].map((job) => [job.job_id, job.status, job.details.current_epoch ?? null]),
  assets: (view) => [...view.data.keys()],
  operations: (view) => [...view.data.values()].map(({ action, state }) => [action, state]),
  operation: (view) => (view.data === undefined ? "unknown" : (view.data?.state ?? null)),
  metrics: (view) => view.data.map(({ timestamp }) => timestamp),
  tail: (view, source) => {
    const entries = [];
    for (let n = source.ring.first; n < source.ring.end; n += 1) entries.push(source.ring.get(n));
    return { ...view.data, entries };
  },
};

const make = {
  jobs: (id) => jobs(desk, id),
  assets: () => assets(desk),
  operations: () => operations(desk),
  operation: (id) => new OperationSource(desk, operations(desk), id),
  metrics: (host) => new MetricsHistory(desk, host),
  tail: (spec) => {
    const { service, source, ...options } = JSON.parse(spec);
    return new LogTail(desk, service, source, options);
  },
};

const commands = {
  open(kind, argument) {
    const source = make[kind](argument);
    const entry = { source, told: 0, leave: () => undefined };
    entry.leave = source.listen(() => {
      entry.told += 1;
    });
    open.set(kind, entry);
    return "opened";
  },
  view(kind) {
    const { source, told } = open.get(kind);
    const view = source.view();
    return { state: view.state, ready: view.ready, told, data: shape[kind](view, source) };
  },
  close(kind) {
    open.get(kind).leave();
    open.delete(kind);
    return "closed";
  },
  async me() {
    try {
      return await desk.me();
    } catch (problem) {
      return { problem: isProblem(problem), status: problem.status, detail: problem.message };
    }
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, kind, ...rest] = line.split(" ");
  const answer = await commands[name](kind, rest.join(" ") || undefined);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
