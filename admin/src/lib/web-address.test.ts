import { expect, test } from "vitest";
import { webAddress } from "./web-address";

test.each(["https://example.com/a?b=c#d", "http://box2:9770/"])("%s is a link", (text) => {
  expect(webAddress(text)).toBe(text);
});

test.each([
  null,
  undefined,
  "",
  "javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "file:///etc/passwd",
  "/ui/login/#CODE",
  "//evil.example/",
  "/\\evil.example",
  "no address",
])("%s is none", (text) => {
  expect(webAddress(text)).toBeNull();
});
