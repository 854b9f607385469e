// The model card: who plays, since when, learned from what, and how well it did.

import { readModels } from "./api.js";

const NAMES = { overall: "Champion", lstm: "LSTM", gan: "GAN" };

/** Fill a box with a card for each champion; throws what the server says. */
export async function showCards(box) {
  const models = await readModels();
  const overall = models.find(({ channel }) => channel === "overall");
  const families = models.filter(({ channel }) => channel !== "overall");
  box.replaceChildren(...families.map((model) => card(model, model.version === overall?.version)));
}

function card(model, isChampion) {
  const article = document.createElement("article");
  const title = document.createElement("h2");
  title.textContent = `${NAMES[model.family]} · ${model.version}${isChampion ? " ★" : ""}`;
  article.append(title, definitions({
    Score: model.score.toFixed(3),
    Before: model.previous ?? "none",
    "Pointer moved": model.generation === 1 ? "once" : `${model.generation} times`,
    Corpus: model.provenance.corpus ?? "unknown",
    Data: `${model.dataset_id}, validation ${model.provenance.validation ?? "unknown"}`,
    Profile: model.provenance.profile ?? "unknown",
    Run: model.run_id ?? "unknown",
    Commit: String(model.provenance.git_sha ?? "unknown").slice(0, 12),
  }));
  return article;
}

/** Return a list of terms and what they are. */
export function definitions(pairs) {
  const list = document.createElement("dl");
  list.append(...Object.entries(pairs).map(([name, value]) => {
    const pair = document.createElement("div");
    const term = document.createElement("dt");
    const detail = document.createElement("dd");
    term.textContent = name;
    detail.textContent = value;
    pair.append(term, detail);
    return pair;
  }));
  return list;
}
