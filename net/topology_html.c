/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page with the picture, to be moved and searched in, and tables of what is in it.
 * Style and program stand in the page; it loads nothing.
 */
#include <string.h>

#include "net/topology_graph.h"
#include "net/topology_label.h"

#define MANY 40 /* rows: a longer table is closed at first */

static const char head_style[] =
	"<style>\n"
	":root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--soft:#57606a;--line:#d0d7de;"
	"--panel:#f6f8fa;--mark:#0969da;--red:#c0392b;--imp:#a8590a}\n"
	"@media (prefers-color-scheme:dark){:root{--bg:#0f1318;--fg:#e6edf3;--soft:#a2abb5;"
	"--line:#30363d;--panel:#161b22;--mark:#58a6ff;--red:#ff8f80;--imp:#f0a862}}\n"
	"body{margin:0;font:14px/1.45 \"DejaVu Sans\",\"Segoe UI\",Helvetica,Arial,sans-serif;"
	"background:var(--bg);color:var(--fg)}\n"
	"header{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;padding:10px 16px;"
	"border-bottom:1px solid var(--line)}\n"
	"h1{font-size:18px;margin:0}header p{margin:0;color:var(--soft)}\n"
	"header form{margin-left:auto;display:flex;gap:6px}\n"
	"input,button{font:inherit;color:inherit;background:var(--panel);border:1px solid "
	"var(--line);border-radius:6px;padding:3px 9px}button{cursor:pointer}\n"
	"main{position:relative;height:74vh;min-height:320px;border-bottom:1px solid "
	"var(--line);overflow:hidden}\n"
	"main svg{display:block;width:100%;height:100%;cursor:grab;touch-action:none}\n"
	"main svg.held{cursor:grabbing}\n"
	"main svg.far .words,main svg.far .node .small{display:none}\n"
	"main svg.some .node,main svg.some .link,main svg.some .words{opacity:.18}\n"
	"main svg.some .on{opacity:1}\n"
	"main .node{cursor:pointer}main .node.on .shape{stroke:var(--mark);stroke-width:2.4}\n"
	"main .link.on .wire{stroke-width:3}\n"
	"#about{position:absolute;left:12px;bottom:12px;max-width:min(520px,80%);margin:0;"
	"padding:8px 12px;white-space:pre-wrap;font:12px/1.5 \"DejaVu Sans Mono\",Menlo,"
	"Consolas,monospace;background:var(--panel);border:1px solid var(--line);"
	"border-radius:8px;box-shadow:0 2px 8px #0003;pointer-events:none}\n"
	"#about:empty{display:none}\n"
	"section{padding:8px 16px}summary{font-weight:600;cursor:pointer;padding:4px 0}\n"
	"table{border-collapse:collapse;margin:4px 0 12px}\n"
	"td,th{border-bottom:1px solid var(--line);padding:4px 14px 4px 0;text-align:left;"
	"vertical-align:top}th{color:var(--soft);font-weight:600}\n"
	".bad{color:var(--red)}.imp{color:var(--imp)}small{color:var(--soft)}\n"
	"</style>\n";

/*
 * Drag, wheel and two fingers move the view; the pointer shows what a thing is and
 * what it is joined with; a click keeps that; the search marks names.
 */
static const char program[] =
	"<script>\n"
	"const svg=document.querySelector('main svg'),about=document.getElementById('about');\n"
	"const all={x:0,y:0,w:svg.viewBox.baseVal.width,h:svg.viewBox.baseVal.height};\n"
	"let view={...all},kept=null;\n"
	"const scale=()=>Math.min(svg.clientWidth/view.w,svg.clientHeight/view.h);\n"
	"function show(){svg.setAttribute('viewBox',`${view.x} ${view.y} ${view.w} ${view.h}`);\n"
	" svg.classList.toggle('far',scale()<0.42);}\n"
	"function zoom(f,px,py){const r=svg.getBoundingClientRect(),s=scale();\n"
	" const cx=view.x+view.w/2+(px-r.left-r.width/2)/s;\n"
	" const cy=view.y+view.h/2+(py-r.top-r.height/2)/s;\n"
	" if((f<1&&s>8)||(f>1&&s<0.02))return;\n"
	" view={x:cx+(view.x-cx)*f,y:cy+(view.y-cy)*f,w:view.w*f,h:view.h*f};show();}\n"
	"function middle(f){const r=svg.getBoundingClientRect();\n"
	" zoom(f,r.left+r.width/2,r.top+r.height/2);}\n"
	"svg.addEventListener('wheel',e=>{e.preventDefault();\n"
	" zoom(Math.pow(1.0015,e.deltaY),e.clientX,e.clientY);},{passive:false});\n"
	"const held=new Map();let moved=0;\n"
	"svg.addEventListener('pointerdown',e=>{held.set(e.pointerId,e);moved=0;});\n"
	"svg.addEventListener('pointermove',e=>{const was=held.get(e.pointerId);if(!was)return;\n"
	" const dx=e.clientX-was.clientX,dy=e.clientY-was.clientY;\n"
	" moved+=Math.abs(dx)+Math.abs(dy);\n"
	" if(moved>4&&!svg.hasPointerCapture(e.pointerId)){svg.setPointerCapture(e.pointerId);\n"
	"  svg.classList.add('held');}\n"
	" if(held.size===2){const o=[...held.values()].find(p=>p.pointerId!==e.pointerId);\n"
	"  const d=p=>Math.hypot(p.clientX-o.clientX,p.clientY-o.clientY);\n"
	"  zoom(d(was)/Math.max(d(e),1),o.clientX,o.clientY);\n"
	" }else{const s=scale();view.x-=dx/s;view.y-=dy/s;show();}\n"
	" held.set(e.pointerId,e);});\n"
	"for(const end of['pointerup','pointercancel'])svg.addEventListener(end,e=>{\n"
	" held.delete(e.pointerId);svg.classList.remove('held');});\n"
	"for(const g of svg.querySelectorAll('.node,.link')){const t=g.querySelector('title');\n"
	" g.about=t.textContent;t.remove();}\n"
	"function mark(g){for(const o of svg.querySelectorAll('.on'))o.classList.remove('on');\n"
	" svg.classList.toggle('some',!!g);about.textContent=g?g.about:'';if(!g)return;\n"
	" const names=new Set(),lit=l=>{l.classList.add('on');\n"
	"  const w=svg.querySelector(`.words[data-e=\"${l.dataset.e}\"]`);\n"
	"  if(w)w.classList.add('on');};\n"
	" if(g.dataset.e)lit(g);else g.classList.add('on');\n"
	" if(g.dataset.n){names.add(g.dataset.n);for(const l of svg.querySelectorAll('.link'))\n"
	"  if(l.dataset.a===g.dataset.n||l.dataset.b===g.dataset.n){lit(l);\n"
	"   names.add(l.dataset.a);names.add(l.dataset.b);}\n"
	" }else{names.add(g.dataset.a);names.add(g.dataset.b);}\n"
	" for(const n of svg.querySelectorAll('.node'))if(names.has(n.dataset.n))\n"
	"  n.classList.add('on');}\n"
	"const thing=e=>e.target.closest('.node,.link');\n"
	"svg.addEventListener('mouseover',e=>{if(!kept&&!held.size)mark(thing(e));});\n"
	"svg.addEventListener('mouseleave',()=>{if(!kept)mark(null);});\n"
	"svg.addEventListener('click',e=>{if(moved>4)return;kept=thing(e);mark(kept);});\n"
	"const find=document.getElementById('find');\n"
	"find.addEventListener('input',()=>{kept=null;mark(null);const w=find.value.trim();\n"
	" let n=0;svg.classList.toggle('some',!!w);\n"
	" for(const g of svg.querySelectorAll('.node')){const hit=w&&(g.dataset.n.includes(w)||\n"
	"  g.about.includes(w));g.classList.toggle('on',!!hit);n+=!!hit;}\n"
	" about.textContent=w?n+' found':'';});\n"
	"find.form.addEventListener('submit',e=>e.preventDefault());\n"
	"for(const b of document.querySelectorAll('button[data-f]'))\n"
	" b.addEventListener('click',()=>middle(Number(b.dataset.f)));\n"
	"document.getElementById('fit').addEventListener('click',()=>{view={...all};show();});\n"
	"addEventListener('keydown',e=>{if(e.target===find)return;\n"
	" if(e.key==='Escape'){kept=null;mark(null);}\n"
	" if(e.key==='+')middle(.8);if(e.key==='-')middle(1.25);\n"
	" if(e.key==='0'){view={...all};show();}});\n"
	"addEventListener('resize',show);show();\n"
	"</script>\n";

/* ---- tables ---- */

static void write_iface(FILE *f, const struct topo_iface *x)
{
	char buf[IP_PREFIX_STRLEN], mac[MAC_STRLEN];

	fputs(x->name, f);
	for (size_t k = 0; k < x->n_addrs; k++)
		fprintf(f, " %s", prefix_str(&x->addrs[k], buf));
	if (mac_is_set(&x->mac))
		fprintf(f, " <small>%s</small>", mac_str(&x->mac, mac));
	fputs("<br>", f);
}

static void write_node(FILE *f, const struct topology *t, uint32_t i, const struct graph_live *live)
{
	const struct topo_node *n = &t->nodes[i];
	char buf[IP_PREFIX_STRLEN];

	fprintf(f, "<tr><td>%s</td><td>%s</td>", n->name, n->kind_name);
	if (live)
		fprintf(f, "<td%s>%s</td>",
			strcmp(live->node_state[i], "running") != 0 ? " class=\"bad\"" : "",
			live->node_state[i]);
	fputs("<td>", f);
	for (size_t k = 0; k < n->n_lo; k++)
		fprintf(f, "lo %s<br>", prefix_str(&n->lo[k], buf));
	for (size_t k = 0; k < n->n_ifaces; k++)
		write_iface(f, &t->ifaces[n->ifaces[k]]);
	fputs("</td></tr>\n", f);
}

static void write_nodes(FILE *f, const struct topology *t, const struct graph_live *live)
{
	fprintf(f,
		"<details%s><summary>Nodes: %zu</summary>\n<table><tr><th>node</th><th>kind</th>",
		t->n_nodes > MANY ? "" : " open", t->n_nodes);
	fprintf(f, "%s<th>interfaces</th></tr>\n", live ? "<th>state</th>" : "");
	for (uint32_t i = 0; i < t->n_nodes; i++)
		write_node(f, t, i, live);
	fputs("</table></details>\n", f);
}

static void write_traffic(FILE *f, const struct topo_edge *e, const struct graph_live *live)
{
	const struct graph_iface *a = &live->ifaces[e->if_a];

	fputs("<td>", f);
	if (a->known) {
		fputs("\u2192 ", f);
		traffic_write(f, a->bytes[GRAPH_SENT], a->packets[GRAPH_SENT]);
		fputs("<br>\u2190 ", f);
		traffic_write(f, a->bytes[GRAPH_RECEIVED], a->packets[GRAPH_RECEIVED]);
	}
	fputs("</td>", f);
}

static void write_link(FILE *f, const struct topology *t, const struct topo_layout *l,
		       const struct topo_edge *e, const struct graph_live *live)
{
	const char *state = edge_state(t, e, live);
	struct label impair;

	label_impair(t, l, e, &impair);
	fprintf(f, "<tr><td>%s</td><td>%s:%s",
		e->link == TOPO_NONE ? vertex_name(t, &l->v[e->b]) : t->links[e->link].name,
		vertex_name(t, &l->v[e->a]), t->ifaces[e->if_a].name);
	if (e->if_b != TOPO_NONE)
		fprintf(f, " \u2013 %s:%s", vertex_name(t, &l->v[e->b]), t->ifaces[e->if_b].name);
	fprintf(f, "</td><td%s>%s</td><td class=\"imp\">",
		state[0] && strcmp(state, "up") != 0 ? " class=\"bad\"" : "", state);
	for (size_t i = 0; i < impair.n; i++)
		fprintf(f, "%s%s", i ? "<br>" : "", impair.line[i]);
	fputs("</td>", f);
	if (live)
		write_traffic(f, e, live);
	fputs("</tr>\n", f);
}

static void write_links(FILE *f, const struct topology *t, const struct topo_layout *l,
			const struct graph_live *live)
{
	fprintf(f,
		"<details%s><summary>Wires: %zu</summary>\n<table><tr><th>link or net</th>"
		"<th>ends</th><th>state</th><th>impairments</th>%s</tr>\n",
		l->n_e > MANY ? "" : " open", l->n_e, live ? "<th>traffic</th>" : "");
	for (size_t i = 0; i < l->n_e; i++)
		write_link(f, t, l, &l->e[i], live);
	fputs("</table></details>\n", f);
}

void html_write(FILE *f, const struct topology *t, const struct topo_layout *l,
		const struct graph_live *live)
{
	fprintf(f,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n",
		t->name);
	fputs(head_style, f);
	fprintf(f,
		"</head>\n<body>\n<header><h1>%s</h1><p>%s%zu nodes, %zu links, %zu nets</p>"
		"<form><input id=\"find\" type=\"search\" placeholder=\"Name or address\" "
		"aria-label=\"Name or address\"><button type=\"button\" data-f=\"0.8\" "
		"title=\"+\">+</button><button type=\"button\" data-f=\"1.25\" title=\"-\">"
		"\u2212</button><button type=\"button\" id=\"fit\" title=\"0\">Fit</button>"
		"</form></header>\n<main>\n",
		t->name, live ? "running: " : "", t->n_nodes, t->n_links, t->n_nets);
	svg_write(f, t, l, live);
	fputs("<pre id=\"about\"></pre>\n</main>\n<section>\n", f);
	write_nodes(f, t, live);
	write_links(f, t, l, live);
	fputs("</section>\n", f);
	fputs(program, f);
	fputs("</body>\n</html>\n", f);
}
