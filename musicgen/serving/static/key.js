// The API key, where the server asks for one: kept while the tab is open, and sent to nobody else.

const NAME = "musicgen.key";
const PROTOCOL = "musicgen";

const key = () => sessionStorage.getItem(NAME);

export const hasKey = () => Boolean(key());

/** Return the options of a request with the key among the headers. */
export function signed(options = {}) {
  return key() ? { ...options, headers: { ...options.headers, "X-API-Key": key() } } : options;
}

/** Return what a WebSocket says that it speaks: a browser sends no other header of ours. */
export const protocols = () => (key() ? [PROTOCOL, `key.${key()}`] : []);

export class KeyForm {
  /** @param onKey called when there is a key to try. */
  constructor({ form, input }, onKey) {
    Object.assign(this, { form, input });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      sessionStorage.setItem(NAME, input.value.trim());
      form.hidden = true;
      onKey();
    });
  }

  ask() {
    if (!this.form.hidden) return;
    this.form.reset();
    this.form.hidden = false;
    this.input.focus();
  }
}
