// A piece on its way: notes come as they are final, as lines of JSON (NDJSON).

/**
 * Read the events of one piece; calls `onNotes` with the piece whenever it has more of them.
 * Returns the piece when it is whole; throws the problem where it could not be finished.
 */
export async function readPiece(response, asked, onNotes) {
  let piece = null;
  for await (const events of eventsOf(response.body)) {
    let hasNotes = false;
    for (const { event, ...members } of events) {
      if (event === "piece") piece = begun(asked, members);
      else if (event === "note") hasNotes = take(piece, members);
      else if (event === "problem") throw new Error(members.detail);
    }
    if (hasNotes) onNotes(piece);
  }
  return piece;
}

function begun(asked, members) {
  return { composer: "unknown", ...asked, ...members, notes: [], links: {}, known_steps: 0, isComplete: false };
}

/** Add a note. They come in the order of their ends, so what began a bar ago is known. */
function take(piece, note) {
  piece.notes.push(note);
  const end = note.onset_steps + note.duration_steps;
  piece.known_steps = Math.max(piece.known_steps, end - piece.bar_steps, 0);
  return true;
}

/** Say what browsers call a network error, each in words of its own. */
function inWords(error) {
  throw error.name === "AbortError" ? error : new Error("The connection broke off: try again.");
}

/** Yield events, as many at a time as the network brought. */
async function* eventsOf(body) {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(inWords);
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop();
      yield lines.filter(Boolean).map((line) => JSON.parse(line));
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
