import { Code, Empty } from "@/ui/empty";

const TRAINER = `import mixdesk

with mixdesk.job("training_rvc", name="anton", version="0.5", checkpoints="checkpoints") as job:
    for clip in job.track("preprocessing", clips):     # a weighted phase of the whole job
        slice_clip(clip)
    job.register(net=net, optimizer=optimizer)         # what a checkpoint holds
    for epoch in job.epochs("training", 200):          # goes on by itself where a checkpoint is
        for batch in epoch.steps(loader):              # requests are obeyed here, between two steps
            train_step(batch)
    with job.phase("packaging"):
        pack()`;

/** Where no job was ever: how to see one within a minute, and how to show one's own. */
export function FirstJob() {
  return (
    <Empty title="No jobs yet">
      <p>See one move within a minute: this trains a small voice model on the CPU.</p>
      <Code>mixdesk demo</Code>
      <p>
        Your own trainer takes these lines. Install the library in its environment with <code>pip install mixdesk</code>
        ; on this machine it finds the desk by itself, elsewhere it needs the two variables that{" "}
        <code>mixdesk token create reporter</code> prints.
      </p>
      <Code>{TRAINER}</Code>
    </Empty>
  );
}

/** The same for somebody who sees one owner's jobs alone. */
export function NoJobOfOwner({ owner }: { owner: string }) {
  return (
    <Empty title={`No jobs of ${owner} yet`}>
      <p>
        You see the jobs whose owner is <b>{owner}</b>. A trainer says whose its job is:
      </p>
      <Code>{`mixdesk.job("training_rvc", name="anton", owner=${JSON.stringify(owner)})`}</Code>
    </Empty>
  );
}
