import { describe, expect, it } from "vitest";
import { Desk } from "../src/desk.ts";

/** The types of content that a desk is asked with. */
function asked() {
  const types: (string | null)[] = [];
  const fetch = async (request: RequestInfo | URL) => {
    if (request instanceof Request) types.push(request.headers.get("Content-Type"));
    return new Response("{}", { headers: { "Content-Type": "application/json" } });
  };
  return { types, desk: new Desk({ url: "http://desk.test", fetch }) };
}

describe("what a desk is asked", () => {
  it("says of each change that it is JSON, also without a body, and not of a question", async () => {
    const { types, desk } = asked();
    await desk.rest.POST("/auth/logout");
    await desk.rest.POST("/auth/login", { body: { token: "x" } });
    await desk.rest.DELETE("/admin/tokens/{token_id}", { params: { path: { token_id: "x" } } });
    await desk.rest.GET("/jobs");
    expect(types).toEqual(["application/json", "application/json", "application/json", null]);
  });
});
