import { describe, expect, it } from "vitest";
import { embedUrl } from "../src/server.ts";

describe("the address of a view", () => {
  it("has the ticket behind the #, where no server sees it", () => {
    expect(embedUrl("https://desk.example/", { view: "job", id: "a b", theme: "dark", ticket: "t-1" })).toBe(
      "https://desk.example/ui/embed/job/?id=a+b&theme=dark#ticket=t-1",
    );
  });

  it("leaves out what is not named", () => {
    expect(embedUrl("http://127.0.0.1:9770", { view: "metrics" })).toBe("http://127.0.0.1:9770/ui/embed/metrics/");
    expect(embedUrl("http://box:1/mix", { view: "assets" })).toBe("http://box:1/mix/ui/embed/assets/");
  });
});
