"use client";

import type { DeskProblem } from "@mixdesk/client";
import { type UseMutationResult, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { WishKeys } from "./wish-keys";

/** Asks for something with an Idempotency-Key: the same wish has the same key until the desk has answered it. */
export function useKeyed<Wish, Answer>(
  ask: (wish: Wish, key: string) => Promise<Answer>,
  onSuccess?: (answer: Answer) => void,
): UseMutationResult<Answer, DeskProblem, Wish> {
  const [keys] = useState(() => new WishKeys<Wish>());
  return useMutation<Answer, DeskProblem, Wish>({
    mutationFn: (wish) => ask(wish, keys.keyOf(wish)),
    onSettled: (_, problem, wish) => keys.settled(wish, problem),
    onSuccess,
  });
}
