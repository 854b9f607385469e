// The page's address makes a piece again: it names the version and all parameters.

const NUMBERS = ["bars", "tempo_qpm", "temperature", "top_p", "top_k", "seed"];
const NAMES = ["version", "family", "composer", "ensemble"];

/** Return the address that makes a piece again. */
export function addressOf(piece) {
  // Music that somebody sent is in the id alone.
  if (piece.prompt_steps) return `${location.origin}${location.pathname}?piece=${piece.id}`;
  const query = new URLSearchParams({ version: piece.version });
  for (const name of ["composer", "ensemble"]) {
    if (piece[name] !== "unknown") query.set(name, piece[name]);
  }
  for (const name of NUMBERS) {
    if (piece[name] !== null) query.set(name, piece[name]);
  }
  return `${location.origin}${location.pathname}?${query}`;
}

/** Return the id of the piece that this page's address asks for, or null. */
export const idOfAddress = () => new URLSearchParams(location.search).get("piece");

/** Return the parameters that this page's address asks for, or null. */
export function parametersOfAddress() {
  const query = new URLSearchParams(location.search);
  if (!query.has("seed")) return null;
  const values = {};
  for (const [name, value] of query) {
    if (NUMBERS.includes(name)) values[name] = Number(value);
    else if (NAMES.includes(name)) values[name] = value;
  }
  return values;
}
