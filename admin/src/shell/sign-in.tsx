"use client";

import { unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useRouter } from "next/navigation";
import { type FormEvent, useCallback, useEffect, useState } from "react";
import { Button } from "@/ui/button";
import { useSession } from "./session";

/** Opens a session from the code of a login link, or from a link or token that is pasted. */
export function SignIn() {
  const desk = useDesk();
  const session = useSession();
  const router = useRouter();
  const [wrong, setWrong] = useState("");
  const enter = useCallback(
    async (secret: string) => {
      const code = secret.includes("#") ? secret.slice(secret.indexOf("#") + 1) : null;
      try {
        await unwrap(desk.rest.POST("/auth/login", { body: code === null ? { token: secret } : { code } }));
        await session.again();
        router.replace("/");
      } catch (problem) {
        setWrong((problem as Error).message);
      }
    },
    [desk, session.again, router],
  );
  useEffect(() => {
    if (location.hash.length < 2) return;
    const secret = location.hash;
    // a code is for one use: it stays neither in the address nor in the history
    history.replaceState(null, "", location.pathname + location.search);
    void enter(secret);
  }, [enter]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void enter(String(new FormData(event.currentTarget).get("secret") ?? "").trim());
  };
  return (
    <main className="mx-auto mt-[12vh] max-w-md p-4">
      <form onSubmit={submit} className="rounded-xl border bg-card p-5">
        <h1 className="text-lg font-semibold">Sign in</h1>
        <p className="mt-1 text-sm text-soft">
          Open the link that <code>mixdesk login</code> prints, or paste that link or a token here.
        </p>
        <label htmlFor="secret" className="mt-4 block text-sm font-medium">
          Login link or token
        </label>
        <input
          id="secret"
          name="secret"
          type="password"
          autoComplete="off"
          required
          className="mt-1 w-full rounded-lg border bg-paper px-3 py-2"
        />
        <p role="alert" className="min-h-6 py-1 text-sm text-bad">
          {wrong}
        </p>
        <Button type="submit" kind="main">
          Sign in
        </Button>
      </form>
    </main>
  );
}
