// The server, as functions. Every error is an Error whose message is fit to be shown.

async function answered(path, options) {
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

/** Return what can be asked: a list of families with their composers and ensembles. */
export async function readOptions() {
  return (await (await answered("/v1/options")).json()).families;
}

/** Make a piece; returns it with `generation` (or null) and `latencyMs`. */
export async function makePiece(parameters, signal) {
  const started = performance.now();
  const response = await answered("/v1/generate", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(parameters),
    signal,
  });
  const piece = await response.json();
  piece.generation = response.headers.get("X-Musicgen-Generation");
  piece.latencyMs = performance.now() - started;
  return piece;
}

/** Return a piece's sound as a Blob. */
export async function readSound(piece, signal) {
  return (await answered(piece.links.wav, { signal })).blob();
}
