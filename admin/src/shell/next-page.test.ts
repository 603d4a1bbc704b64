import { describe, expect, it } from "vitest";
import { credentialsOf, nextPage, routeOf } from "./next-page";

const ORIGIN = "http://desk.example:9770";
const next = (wished: string) => nextPage(`?next=${encodeURIComponent(wished)}`, ORIGIN);

describe("the page after signing in", () => {
  it.each(["/ui/jobs/", "/ui/jobs/detail/?id=a%2Fb#points", "/grafana/d/x", "/"])("goes back to %s", (path) => {
    expect(next(path)).toBe(path);
  });

  it.each([
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/x\\..\\..//evil.example",
    "javascript:alert(1)",
    "https://evil.example/ui/",
    "http://desk.example:9770@evil.example/",
    "/.//evil.example",
    "ui/jobs/",
    "",
    "/ui/login/",
    "/ui/login",
  ])("never goes to %j", (wished) => {
    expect(next(wished)).toBe("/ui/");
  });

  it("is the overview where none is named", () => {
    expect(nextPage("", ORIGIN)).toBe("/ui/");
  });

  it("is named to the router without its base", () => {
    expect(routeOf("/ui/jobs/?status=lost")).toBe("/jobs/?status=lost");
    expect(routeOf("/ui")).toBe("/");
    expect(routeOf("/grafana/")).toBeNull();
    expect(routeOf("/uix/")).toBeNull();
  });
});

describe("what was pasted", () => {
  it("is a code where it is a link, else a token", () => {
    expect(credentialsOf(" http://127.0.0.1:9770/ui/login/#abc \n")).toEqual({ code: "abc" });
    expect(credentialsOf("mdk_1234")).toEqual({ token: "mdk_1234" });
  });
});
