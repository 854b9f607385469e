// The server, as functions. Every error is an Error whose message is fit to be shown.

import { signed } from "./key.js";
import { readPiece } from "./stream.js";

const NDJSON = "application/x-ndjson";

/** Tells `key` when the server asked for an API key and did not get one that it knows. */
export const asks = new EventTarget();

/** Return the response to a request; throws what is wrong in a sentence. */
export async function answered(path, options) {
  let response;
  try {
    response = await fetch(path, signed(options));
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server cannot be reached. Is it still running?");
  }
  if (response.ok) return response;
  if (response.status === 401) asks.dispatchEvent(new Event("key"));
  const problem = await response.json().catch(() => ({}));
  const error = new Error(problem.detail || `The server answered ${response.status}.`);
  error.status = response.status;
  error.retrySeconds = Number(response.headers.get("Retry-After")) || null;
  throw error;
}

const readJson = async (path, options) => (await answered(path, options)).json();

const posted = (body, type, accept) => ({
  method: "POST",
  headers: { "Content-Type": type, Accept: accept },
  body,
});

/** Return what can be asked: a list of families with their composers and ensembles. */
export const readOptions = async () => (await readJson("/v1/options")).families;

/** Return the champions and where they come from. */
export const readModels = async () => (await readJson("/v1/models")).models;

// A maker is a function of a signal that can end it and of `onNotes`, which is called with the
// piece, the same object each time, when its first notes are there and whenever it has more. It
// returns the piece, complete, with `generation` (or null) and `firstNoteMs`, from the request on.

/** Return a maker of a new piece. */
export const newPiece = (parameters) => maker(
  "/v1/generate", posted(JSON.stringify(parameters), "application/json", NDJSON), parameters,
);

/** Return a maker of a piece that goes on from a MIDI file, a Blob. */
export const goneOn = (midi, wishes) => maker(
  `/v1/continue?${new URLSearchParams(wishes)}`, posted(midi, "audio/midi", NDJSON), wishes,
);

/** Return a maker of a piece that was made before, by its id. */
export const keptPiece = (id) => maker(
  `/v1/pieces/${encodeURIComponent(id)}`, { headers: { Accept: NDJSON } }, {},
);

function maker(path, options, asked) {
  return async (signal, onNotes) => {
    const started = performance.now();
    let firstNoteMs = null;
    const response = await answered(path, { ...options, signal });
    const piece = await readPiece(response, asked, (growing) => {
      firstNoteMs ??= performance.now() - started;
      growing.firstNoteMs = firstNoteMs;
      onNotes(growing);
    });
    // What made it, and the forms that it can be had in.
    Object.assign(piece, await readJson(`/v1/pieces/${piece.id}`, { signal }), { isComplete: true });
    piece.firstNoteMs ??= performance.now() - started;
    onNotes(piece);
    return piece;
  };
}

/** Return a file of a piece as a Blob. */
export const readFile = async (path) => (await answered(path)).blob();

/** Return how families and versions did in all votes so far. */
export const readVotes = () => readJson("/v1/votes");

/** Keep a vote. */
export const sendVote = (vote) => answered(
  "/v1/votes", posted(JSON.stringify(vote), "application/json", "application/json"),
);
