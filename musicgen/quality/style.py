"""How Data Docs look: the few rules that their pages need, for light and dark."""

STYLE = """
body { margin: 0 auto; max-width: 72rem; padding: 1rem 2rem; color: #222; background: #fff;
  font: 16px/1.5 system-ui, sans-serif; }
a { color: #0b5394; }
h4, h5, h6 { margin: 1rem 0 .5rem; font-size: 1.1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .4rem .7rem; border-bottom: 1px solid #ddd; text-align: left;
  vertical-align: top; }
th { color: #555; font-weight: 600; }
ul { list-style: none; padding-left: 0; }
.alert { margin-top: 1.5rem; padding: .2rem .8rem; background: #f1f4f7;
  border-left: 4px solid #0b5394; }
.badge { padding: 0 .4em; border-radius: 4px; background: #e7ebef; font-family: monospace; }
.breadcrumb { display: flex; gap: .5rem; list-style: none; padding: 0; }
.breadcrumb-item + .breadcrumb-item::before { content: "/ "; }
code { color: #555; font-size: .85rem; }
.text-danger { color: #a50f15; font-style: normal; }
.text-success { color: #00695c; font-style: normal; }
.fa-times::before, .fa-exclamation-triangle::before { content: "\\2717"; font-weight: bold; }
.fa-check-circle::before { content: "\\2713"; font-weight: bold; }
td.fa-times, td.fa-check-circle { width: 1.5rem; }
.collapse, .btn, [data-toggle="collapse"], .card:has(.btn-group) { display: none; }
.sticky { position: static; }
@media (prefers-color-scheme: dark) {
  body { color: #e8e8e8; background: #181a1c; } a { color: #8ec5ff; }
  th, td { border-color: #444; } th, code { color: #bbb; }
  .alert, .badge { background: #2a2f34; } .text-danger { color: #ff9d9d; }
  .text-success { color: #7fd6c2; }
}
"""
