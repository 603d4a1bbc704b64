/** A change without a body says all the same that it is no form of a foreign page: a session's needs it. */
export const AS_JSON = { "Content-Type": "application/json" } as const;
