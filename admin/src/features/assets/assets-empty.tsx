import { Code, Empty } from "@/ui/empty";

/** What to do where the registry has no asset. */
export function NoAssets() {
  return (
    <Empty title="No assets yet">
      <p>
        An asset is a container, a process or a model inside a server that you start to make music, and stop to have its
        GPU memory back. The desk shows what each one holds, starts it with all that it needs, refuses what will not
        fit, and says whom to stop.
      </p>
      <p>In the folder of your compose file, or beside running containers:</p>
      <Code>mixdesk assets init</Code>
      <p>
        It writes a first registry (<code>[[assets]]</code> in mixdesk.toml) from them and overwrites nothing. Look it
        over, then start the desk with it, or have it read anew:
      </p>
      <Code>mixdesk assets reload</Code>
    </Empty>
  );
}
