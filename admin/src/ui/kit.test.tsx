// @vitest-environment jsdom
import { DeskProblem } from "@mixdesk/client";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ErrorBoundary } from "./boundary";
import { ConfirmDialog } from "./confirm";
import { Field, Input } from "./field";
import { Table, Th } from "./table";
import { Tab, TabList, TabPanel, Tabs } from "./tabs";

beforeAll(() => {
  // jsdom knows the element, not how it opens
  HTMLDialogElement.prototype.showModal = function show(this: HTMLDialogElement) {
    this.open = true;
  };
});
afterEach(cleanup);

function Two() {
  const [value, choose] = useState("a");
  return (
    <Tabs value={value} onChange={choose}>
      <TabList label="Services">
        <Tab value="a">desk</Tab>
        <Tab value="b">jobs</Tab>
      </TabList>
      <TabPanel value="a">lines of desk</TabPanel>
      <TabPanel value="b" keep>
        lines of jobs
      </TabPanel>
    </Tabs>
  );
}

let broken = true;
function Breakable() {
  if (broken) throw new Error("x is undefined");
  return <p>figures</p>;
}

describe("a field", () => {
  it("ties its label, and what is wrong, to what is entered", () => {
    render(
      <Field label="Name" error="it is taken">
        <Input />
      </Field>,
    );
    const input = screen.getByLabelText("Name");
    expect(input.getAttribute("aria-invalid")).toBe("true");
    expect(document.getElementById(input.getAttribute("aria-describedby") ?? "")?.textContent).toBe("it is taken");
  });
});

describe("tabs", () => {
  it("are walked by the arrow keys, round and round, and show one panel", () => {
    render(<Two />);
    const [desk, jobs] = screen.getAllByRole("tab");
    desk?.focus();
    fireEvent.keyDown(screen.getByRole("tablist"), { key: "ArrowRight" });
    expect(document.activeElement).toBe(jobs);
    expect(jobs?.getAttribute("aria-selected")).toBe("true");
    expect(screen.getByRole("tabpanel").textContent).toBe("lines of jobs");
    fireEvent.keyDown(screen.getByRole("tablist"), { key: "ArrowRight" });
    expect(desk?.getAttribute("aria-selected")).toBe("true");
    expect([desk?.tabIndex, jobs?.tabIndex]).toEqual([0, -1]);
  });
});

describe("a question before something is done", () => {
  const ask = (more: Partial<Parameters<typeof ConfirmDialog>[0]> = {}) => {
    const [onClose, onConfirm] = [vi.fn(), vi.fn()];
    render(
      <ConfirmDialog open title="Stop rvc?" confirm="Stop" onClose={onClose} onConfirm={onConfirm} {...more}>
        It frees 1.9 GiB.
      </ConfirmDialog>,
    );
    return { onClose, onConfirm };
  };

  it("has the focus on the safe answer", () => {
    const { onClose } = ask({ keep: "Keep running" });
    const keep = screen.getByText("Keep running");
    expect(document.activeElement).toBe(keep);
    fireEvent.click(keep);
    expect(onClose).toHaveBeenCalledOnce();
  });

  it("waits for the word that is to be typed", () => {
    const { onConfirm } = ask({ typed: "rvc" });
    const stop = screen.getByRole("button", { name: "Stop" });
    expect(stop).toHaveProperty("disabled", true);
    fireEvent.change(screen.getByRole("textbox"), { target: { value: "rvc" } });
    fireEvent.click(stop);
    expect(onConfirm).toHaveBeenCalledOnce();
  });

  it("says that nobody knows, where no answer came", () => {
    ask({ failed: new DeskProblem(0, "No answer", "the desk does not answer") });
    expect(screen.getByRole("alert").textContent).toContain("may or may not have been taken");
  });
  it("says why it was not done", () => {
    ask({ failed: new DeskProblem(409, "Conflict", "another operation runs") });
    expect(screen.getByRole("alert").textContent).toContain("another operation runs");
  });
});

describe("a table", () => {
  it("has a name, and one for a column of buttons too", () => {
    render(
      <Table label="Checkpoints">
        <thead>
          <tr>
            <Th hidden>Actions</Th>
          </tr>
        </thead>
      </Table>,
    );
    expect(screen.getByRole("region", { name: "Checkpoints" }).tabIndex).toBe(0);
    expect(screen.getByRole("columnheader").textContent).toBe("Actions");
  });
});

describe("a panel that fails", () => {
  it("says so in its own place, and can be tried again", () => {
    const quiet = vi.spyOn(console, "error").mockImplementation(() => {});
    render(
      <ErrorBoundary name="The chart">
        <Breakable />
      </ErrorBoundary>,
    );
    expect(screen.getByRole("alert").textContent).toContain("The chart cannot be shown");
    broken = false;
    fireEvent.click(screen.getByText("Try again"));
    expect(screen.getByText("figures")).toBeTruthy();
    quiet.mockRestore();
  });
});
