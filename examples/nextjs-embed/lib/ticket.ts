/** In the browser: asks this app's own server for a ticket. */
export async function askForTicket(job: string): Promise<string> {
  const answer = await fetch("/api/ticket", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ job }),
  });
  const said: { ticket?: string; detail?: string } = await answer.json();
  if (!answer.ok || said.ticket === undefined) throw new Error(said.detail ?? "no ticket");
  return said.ticket;
}
