// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How the page looks: one column of text in the reader's serif face, code in a
// monospaced one, one colour for what is wrong. Both schemes have the same contrast.

export const style = `
:root{color-scheme:light dark;--paper:#fcfbf8;--ink:#1d1c1a;--soft:#66625a;--line:#e2ded5;--well:#f4f2ec;--bad:#a8261c;--warn:#8a5a00;--link:#1d5a86;--mark:#f6d9d5;--good:#2f6b3a}
@media(prefers-color-scheme:dark){:root{--paper:#171614;--ink:#e7e3da;--soft:#a19b90;--line:#34312c;--well:#1f1d1a;--bad:#ff8f84;--warn:#e0b45c;--link:#86bfe8;--mark:#5c2a25;--good:#8ccf98}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:2.5rem 1.5rem 5rem;background:var(--paper);color:var(--ink);font:1.0625rem/1.55 "Iowan Old Style","Palatino Linotype",Palatino,"Noto Serif","DejaVu Serif",Georgia,serif}
h1{margin:0;font-size:1.9rem;line-height:1.2;font-weight:600;letter-spacing:-.01em}
h2{margin:3.5rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line);font-size:1.3rem;font-weight:600}
h3{margin:2.25rem 0 .5rem;font-size:1rem;font-weight:600}
h4{margin:0;font-size:1rem;font-weight:400;overflow-wrap:anywhere}
p,dl{max-width:44rem}
code,pre,.place,svg text,h3{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em}
h3{font-size:.95rem;overflow-wrap:anywhere}
a{color:var(--link);text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.soft,.place,.how,summary{color:var(--soft)}
nav{margin-top:1rem}nav a{margin-right:1.25rem}
table{border-collapse:collapse;margin:.75rem 0}
th,td{padding:.2rem 1.5rem .2rem 0;text-align:left;vertical-align:top;font-weight:400;border-bottom:1px solid var(--line)}
td code,label code{white-space:nowrap}
td.number{text-align:right;font-variant-numeric:tabular-nums}
form{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:center;margin:1rem 0;padding:.6rem 0;background:var(--paper);border-bottom:1px solid var(--line);font-size:.9375rem}
form[hidden],article[hidden],section[hidden]{display:none}
select{max-width:100%;font:inherit;color:inherit;background:var(--well);border:1px solid var(--line);border-radius:3px;padding:.15rem .3rem}
label{white-space:nowrap}
.finding{margin:0 0 1.75rem;padding:.75rem 0 0 1rem;border-left:3px solid var(--warn);content-visibility:auto;contain-intrinsic-size:auto 16rem}
.finding.error{border-color:var(--bad)}
.finding:target{background:var(--well)}
.tag{margin-left:.35em;font-size:.875em;white-space:nowrap}
.facts{display:flex;gap:2rem;align-items:flex-start;margin-top:.6rem}
.facts>div{flex:1 1 auto;min-width:0}
figure{flex:0 0 auto;margin:0}
figure.wide{overflow-x:auto}
pre{margin:0 0 .75rem;padding:.6rem .75rem;overflow-x:auto;background:var(--well);border-radius:3px;line-height:1.45}
pre i{display:inline-block;min-width:6ch;padding-right:2ch;text-align:right;font-style:normal;color:var(--soft);user-select:none}
pre b{font-weight:inherit}
mark{background:var(--mark);color:inherit;border-bottom:2px solid var(--bad)}
del{color:var(--bad);text-decoration:none}ins{color:var(--good);text-decoration:none}
ul{margin:.25rem 0;padding-left:1.1rem}li{overflow-wrap:anywhere}
.advice{list-style:none;padding:0;margin:0 0 .5rem}
.places .place::before{content:" ";white-space:pre}
details{margin:.25rem 0}summary{cursor:pointer}
.page pre{white-space:pre-wrap}
svg{display:block;max-width:100%;height:auto}
svg.map{max-width:none}
svg text{font-size:12px;fill:var(--ink)}
.way rect{fill:var(--well);stroke:var(--soft)}
.way .inlined{stroke-dasharray:4 3}
.way .target{fill:var(--mark);stroke:var(--bad)}
.way .branch{fill:none;stroke:var(--warn)}
.way .edge{fill:none;stroke:var(--soft)}
.way .how{font-size:11px;fill:var(--soft)}
.map path{fill:none;stroke:var(--soft);stroke-opacity:.22}
.map path.bad{stroke:var(--bad);stroke-opacity:.9;stroke-width:1.5}
.map path.unknown{stroke:var(--warn);stroke-opacity:.9;stroke-dasharray:5 3}
.map path.left-out{stroke-dasharray:1 4;stroke-opacity:.7}
.map g.fine text,.map g.left-out text{fill:var(--soft)}
.map g.bad text{fill:var(--bad)}.map g.unknown text{fill:var(--warn)}
.map .family{font-size:11px;fill:var(--soft);letter-spacing:.04em}
.map g{cursor:default}
.map.picked path{stroke-opacity:.06}.map.picked path.on{stroke-opacity:1;stroke-width:2}
.map.picked g:not(.on) text{opacity:.35}
.key{max-width:none}.key span{margin-right:1.5rem;white-space:nowrap}.key .bad{color:var(--bad)}.key .unknown{color:var(--warn)}
@media(max-width:60rem){.facts{flex-direction:column;gap:.75rem}.facts>div{width:100%}}
@media(max-width:40rem){body{padding:1.25rem 1rem 3rem;font-size:1rem}h1{font-size:1.5rem}.finding{padding-left:.75rem}pre i{min-width:5ch;padding-right:1ch}form{position:static}}
@media print{form,summary{display:none}.finding{break-inside:avoid;content-visibility:visible}}
`;
