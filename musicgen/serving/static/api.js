// The server, as functions. Every error is an Error whose message is fit to be shown.

/** Return the response to a request; throws what is wrong in a sentence. */
export async function answered(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server cannot be reached. Is it still running?");
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  const error = new Error(problem.detail || `The server answered ${response.status}.`);
  error.status = response.status;
  error.retrySeconds = Number(response.headers.get("Retry-After")) || null;
  throw error;
}

const readJson = async (path, options) => (await answered(path, options)).json();

const posted = (document, accept, signal) => ({
  method: "POST",
  headers: { "Content-Type": "application/json", Accept: accept },
  body: JSON.stringify(document),
  signal,
});

/** Return what can be asked: a list of families with their composers and ensembles. */
export const readOptions = async () => (await readJson("/v1/options")).families;

/** Return the champions and where they come from. */
export const readModels = async () => (await readJson("/v1/models")).models;

/**
 * Make a piece; returns it, complete, with `generation` (or null) and, in milliseconds from the
 * request, `firstNoteMs` and `madeMs`. `onPiece` is called with the piece when its first notes
 * are there and whenever it has more.
 */
export async function makePiece(parameters, signal, onPiece) {
  const started = performance.now();
  const response = await answered(
    "/v1/generate", posted(parameters, "application/json", signal),
  );
  const piece = await response.json();
  piece.generation = response.headers.get("X-Musicgen-Generation");
  piece.firstNoteMs = piece.madeMs = performance.now() - started;
  piece.isComplete = true;
  onPiece(piece);
  return piece;
}

/** Keep a vote. */
export const sendVote = (vote) => answered("/v1/votes", posted(vote, "application/json"));
