import type { Me } from "@mixdesk/client";
import { Code, Empty } from "@/ui/empty";

/** For a token that may report or scrape and not look. */
export function NoViewer({ me }: { me: Me }) {
  return (
    <Empty title={`The token “${me.name}” may not look at the desk`}>
      <p>
        It has the role {me.roles.join(", ")}; the pages need viewer, operator or admin. Sign out, and get a link by
      </p>
      <Code>mixdesk login</Code>
    </Empty>
  );
}
