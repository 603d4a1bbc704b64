import { Code, Empty } from "@/ui/empty";

const COMPOSE = `[logs]
compose = ["docker-compose.yml"]       # its services and their containers

[logs.services]
backup = ["/var/log/backup/*.log"]     # or files of this host`;

const CAPTURE = `with mixdesk.job("training_rvc", name="anton", capture_output=True) as job:
    ...`;

/** What an operator does so that there are logs. */
export function NoServices() {
  return (
    <Empty title="No service writes logs that the desk knows of">
      <p>
        Name your compose file, or files of this host, in <code>mixdesk.toml</code> and start the desk again. Nothing is
        installed in a container.
      </p>
      <Code>{COMPOSE}</Code>
      <p>
        <code>mixdesk doctor</code> says what hinders it, docs/logs.md has the rest.
      </p>
    </Empty>
  );
}

/** For who sees jobs alone. */
export function NoJobLogs() {
  return (
    <Empty title="No job has written a log yet">
      <p>A job's output is here once its trainer asks for it:</p>
      <Code>{CAPTURE}</Code>
    </Empty>
  );
}

/** A service none of whose logs can be read. */
export function NoSources({ service, notes }: { service: string; notes: readonly string[] }) {
  if (service === "jobs") return <NoJobLogs />;
  return (
    <Empty title={`No log of ${service} is known`}>
      {notes.length > 0 ? (
        <p>The reason stands above.</p>
      ) : (
        <>
          <p>It may not have written one yet, or it writes to a folder that the desk does not look into. Name it:</p>
          <Code>{`[logs.services.${service}]\ndirectories = ["/srv/more-logs"]`}</Code>
        </>
      )}
    </Empty>
  );
}
