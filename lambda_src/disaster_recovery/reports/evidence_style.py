"""The look of the evidence page: one style sheet, no scripts, nothing from elsewhere, readable when printed."""

STYLE = """
:root { color-scheme: light dark; --ink: #16202c; --soft: #5a6878; --line: #d8dfe6; --page: #ffffff; --card: #f5f7f9;
  --good: #17713f; --warn: #8a5a00; --bad: #a8232c; --bar: #3f76b5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #9aa7b5; --line: #33404d; --page: #12181f;
  --card: #1b232c; --good: #58c389; --warn: #e0ad4d; --bad: #f0828a; --bar: #6aa0dc; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 62rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 2.4rem 0 .7rem; }
p { margin: .3rem 0; } .soft { color: var(--soft); } code { font: .85em ui-monospace, Menlo, Consolas, monospace; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem; margin: 1.4rem 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; }
.tile b { display: block; font-size: 1.35rem; } .tile span { color: var(--soft); font-size: .85rem; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; color: var(--soft); font-weight: 600; border-bottom: 2px solid var(--line); }
th, td { padding: .4rem .6rem .4rem 0; vertical-align: top; } td { border-bottom: 1px solid var(--line); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; } .hash { word-break: break-all; }
.track { position: relative; height: 1.1rem; background: var(--card); border-radius: .3rem; min-width: 14rem; }
.track i { position: absolute; top: 0; bottom: 0; min-width: 3px; border-radius: .3rem; background: var(--bar); }
@media print { body { max-width: none; padding: 0; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""
