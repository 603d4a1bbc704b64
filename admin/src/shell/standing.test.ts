import { DeskProblem, type Me } from "@mixdesk/client";
import { describe, expect, it } from "vitest";
import { afterProblem, signedIn, signedOut, UNASKED } from "./standing";

const ME: Me = { name: "anna", roles: ["operator"], now: "2026-12-01T12:00:00Z", via: "session" };
const refused = new DeskProblem(401, "Unauthorized", "nobody");
const silent = new DeskProblem(0, "No answer", "the desk does not answer");

describe("standing with the desk", () => {
  it("is out without a word where nobody was in", () => {
    expect(afterProblem(UNASKED, refused)).toEqual(signedOut(null));
  });

  it("says that the session ended where somebody was in", () => {
    expect(afterProblem(signedIn(ME), refused)).toMatchObject({
      state: "out",
      me: null,
      why: expect.stringContaining("session has ended"),
    });
  });

  it("keeps who was in while the desk is silent", () => {
    expect(afterProblem(signedIn(ME), silent)).toMatchObject({ state: "unreachable", me: ME });
    expect(afterProblem(afterProblem(signedIn(ME), silent), refused).why).toContain("session has ended");
  });
});
