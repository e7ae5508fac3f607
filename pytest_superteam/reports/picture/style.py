"""How the picture looks: colours of the page where it sets them, and never colour alone."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
.gs-picture{margin:0}
.gs-picture-box{overflow-x:auto;max-width:100%}
.gs-picture svg{display:block;font-family:inherit}
.gs-picture .gs-shape{fill:var(--gs-panel,#fff);stroke:var(--gs-state,var(--gs-muted,#5b6470));stroke-width:1.2}
.gs-picture .gs-detail{fill:none;stroke:var(--gs-muted,#5b6470);stroke-width:1}
.gs-picture .gs-name{font-size:13px;font-weight:600;fill:var(--gs-text,#1c2127)}
.gs-picture .gs-words{font-size:11.5px;fill:var(--gs-muted,#5b6470)}
.gs-picture .gs-failed{--gs-state:var(--gs-bad,#b00020)}
.gs-picture .gs-advisory{--gs-state:var(--gs-warn,#8a5a00)}
.gs-picture .gs-passed{--gs-state:var(--gs-good,#1b6e20)}
.gs-picture .gs-skipped,.gs-picture .gs-none{--gs-state:var(--gs-idle,#666)}
.gs-picture .gs-failed .gs-shape{stroke-width:3}
.gs-picture .gs-advisory .gs-shape{stroke-width:1.8;stroke-dasharray:7 3}
.gs-picture .gs-passed .gs-shape{stroke-width:1.6}
.gs-picture .gs-skipped .gs-shape{stroke-width:1.6;stroke-dasharray:2 3}
.gs-picture .gs-failed .gs-words{fill:var(--gs-bad,#b00020);font-weight:600}
.gs-picture .gs-advisory .gs-words{fill:var(--gs-warn,#8a5a00)}
.gs-picture .gs-sign circle{fill:var(--gs-state,#666)}
.gs-picture .gs-sign.gs-none circle{fill:none;stroke:var(--gs-state,#666);stroke-width:1.4}
.gs-picture .gs-sign path{fill:none;stroke:var(--gs-panel,#fff);stroke-width:2;stroke-linecap:round}
.gs-picture .gs-line{fill:none;stroke:var(--gs-muted,#5b6470);stroke-width:1.3}
.gs-picture .gs-arrow{fill:var(--gs-muted,#5b6470);stroke:var(--gs-muted,#5b6470);stroke-width:1}
.gs-picture .gs-publishes .gs-line{stroke-dasharray:6 4}
.gs-picture .gs-publishes .gs-arrow{fill:var(--gs-panel,#fff)}
.gs-picture .gs-stores .gs-line{stroke-width:1;stroke-dasharray:1.5 3}
.gs-picture .gs-routes .gs-line{stroke-width:2.2}
.gs-picture .gs-label text{font-size:11px;text-anchor:middle;fill:var(--gs-text,#1c2127);
paint-order:stroke;stroke:var(--gs-panel,#fff);stroke-width:4px;stroke-linejoin:round}
.gs-picture .gs-label.gs-publishes text{font-style:italic}
.gs-picture a{text-decoration:none;cursor:pointer}
.gs-picture a:hover .gs-name,.gs-picture a:focus-visible .gs-name{text-decoration:underline}
.gs-picture a:focus-visible{outline:none}
.gs-picture a:focus-visible .gs-shape{stroke:var(--gs-link,#0b57d0);stroke-width:3.5;stroke-dasharray:none}
.gs-picture .gs-edge:hover .gs-line{stroke:var(--gs-link,#0b57d0);stroke-width:2.4}
.gs-picture figcaption{display:flex;flex-wrap:wrap;gap:.3em 1.4em;
margin:.6em 0;font-size:.85em;color:var(--gs-muted,#5b6470)}
.gs-picture figcaption svg{display:inline-block;vertical-align:middle;margin-right:.4em}
.gs-picture-words table{border-collapse:collapse}
.gs-picture-words th,.gs-picture-words td{border:1px solid var(--gs-line,#d0d5db);padding:.25em .6em;text-align:left;
vertical-align:top;overflow-wrap:anywhere}
@media print{.gs-picture svg{min-width:0!important;max-width:100%!important}.gs-picture-box{overflow:visible}
.gs-picture{break-inside:avoid}}
"""
"""The rules of the picture and of what stands around it; each is about what is in `.gs-picture` only."""
