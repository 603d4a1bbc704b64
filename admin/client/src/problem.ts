/** What the desk refused or could not do: `application/problem+json`, or the silence of a desk that is not there. */
export class DeskProblem extends Error {
  override readonly name = "DeskProblem";

  /** `status` is 0 where nothing answered; `body` holds what a refusal adds, such as `holders` or `dependents`. */
  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
    readonly body: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }

  get unreachable(): boolean {
    return this.status === 0;
  }

  get signedOut(): boolean {
    return this.status === 401;
  }
}

/** Whether an error is one that the desk gave, and with that status where one is named. */
export function isProblem(error: unknown, status?: number): error is DeskProblem {
  return error instanceof DeskProblem && (status === undefined || error.status === status);
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer. Throws DeskProblem with what the desk said. */
export async function unwrap<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (cause) {
    if (cause instanceof DeskProblem) throw cause;
    throw new DeskProblem(0, "No answer", "the desk does not answer", {}, { cause });
  }
  if (answer.response.ok) return answer.data as T;
  throw problemOf(answer.response.status, answer.error);
}

/** A problem from the status and the body of an answer, whatever that is. */
export function problemOf(status: number, body: unknown): DeskProblem {
  const said = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const detail = typeof said.detail === "string" ? said.detail : `the desk answered ${status}`;
  return new DeskProblem(status, typeof said.title === "string" ? said.title : "", detail, said);
}
