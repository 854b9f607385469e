// Tabs as the ARIA Authoring Practices have them: arrows, Home and End move, and show at once.

export class Tabs {
  /** @param onShow called with the id of the panel that is shown. */
  constructor(list, onShow) {
    this.tabs = [...list.querySelectorAll("[role=tab]:not([hidden])")];
    this.onShow = onShow;
    for (const tab of this.tabs) tab.addEventListener("click", () => this.show(tab));
    list.addEventListener("keydown", (event) => this.move(event));
  }

  show(chosen) {
    for (const tab of this.tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !isChosen;
    }
    this.onShow(chosen.getAttribute("aria-controls"));
  }

  move(event) {
    const here = this.tabs.indexOf(document.activeElement);
    const last = this.tabs.length - 1;
    const target = {
      ArrowLeft: here ? here - 1 : last, ArrowRight: here < last ? here + 1 : 0, Home: 0, End: last,
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.tabs[target].focus();
    this.show(this.tabs[target]);
  }
}
