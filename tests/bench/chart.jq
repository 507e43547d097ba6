# SPDX-License-Identifier: GPL-2.0-or-later
#
# Draws what tests/bench/all measured: medians as bars on a logarithmic scale, for
# each of them how it compares to ours. Input: its JSON; output: SVG, with colours
# for light and dark surroundings.

# What is shown: panels of bars, the value of each in its benchmark. Those not measured
# are left out. `ours` is what the ratios are to.
def panels: [
	{ title: "Start of a container without a network: true, from first to last process",
	  bench: "peers",
	  bars: [
		["floor", "floor: namespaces, root, /proc in bare C"],
		["full", "full floor: all that ctrun does, in bare C"],
		["ctrun", "ctrun"], ["unshare", "unshare"], ["bwrap", "bubblewrap"],
		["crun", "crun"], ["lxc", "lxc-execute"], ["runc", "runc"],
		["docker", "docker"], ["podman", "podman"]],
	  ours: "ctrun" },
	{ title: "The same on a bridge, with an address and a route", bench: "peers",
	  bars: [
		["floor.net", "floor: and veth, address, route"],
		["full.net", "full floor"], ["ctrun.net", "ctrun --net"],
		["ip-netns.net", "ip netns: eight commands"], ["lxc.net", "lxc-execute"],
		["docker.net", "docker"], ["podman.net", "podman"]],
	  ours: "ctrun.net" },
	{ title: "Lab of 200 hosts on one switch, up and down", bench: "lab",
	  bars: [["hosts-200, floor", "floor: the same in bare C"], ["hosts-200, ctlab", "ctlab"],
		["hosts-200, mininet", "Mininet"]],
	  ours: "hosts-200, ctlab" },
	{ title: "Lab of 1024 hosts and 33 switches, up and down", bench: "lab",
	  bars: [["tree-1024, floor", "floor: the same in bare C"], ["tree-1024, ctlab", "ctlab"],
		["tree-1024, mininet", "Mininet"]],
	  ours: "tree-1024, ctlab" },
	{ title: "All pairs of 64 hosts ping each other, with up and down", bench: "lab",
	  bars: [["pairs-64, ctlab", "ctlab test"], ["pairs-64, mininet", "Mininet pingall"]],
	  ours: "pairs-64, ctlab" }
];

# Geometry: names, then bars, then figures.
def width: 860;
def left: 300;
def bars: 400;
def row: 24;
def head: 34;
def axis: 30;

def esc: tostring | @html;
def n1: . * 10 | round / 10;

# three digits, and s where ms are many
def digits:
	if . >= 100 then round
	elif . >= 10 then . * 10 | round / 10
	else . * 100 | round / 100
	end;
def time: if . >= 1000 then "\(. / 1000 | digits) s" else "\(digits) ms" end;

def text($x; $y; $class):
	"<text x=\"\($x | n1)\" y=\"\($y | n1)\" class=\"\($class)\">\(esc)</text>";

def line($x; $from; $to):
	"<line x1=\"\($x | n1)\" x2=\"\($x | n1)\" y1=\"\($from)\" y2=\"\($to)\" class=\"grid\"/>";

def bar($y; $long; $class):
	"<rect x=\"\(left)\" y=\"\($y)\" width=\"\($long | n1)\" height=\"\(row - 7)\" rx=\"2\"" +
	" class=\"\($class)\"/>";

# A panel at $y: input with .bars as [name, label, ms].
def panel($y):
	(.bars | map(.[2])) as $all
	| ($all | min / 1.3 | log10 | floor) as $lo
	| ($all | max * 1.01 | log10 | ceil) as $hi
	| def x: (log10 - $lo) / ($hi - $lo) * bars + left;
	(.bars | length * row + $y + head) as $bottom
	| .ours as $ours
	| (.bars | map(select(.[0] == $ours)) | .[0][2]) as $base
	| (.title | text(20; $y + 18; "title")),
	(range($lo; $hi + 1) | pow(10; .) | . as $tick
		| line(x; $y + head - 6; $bottom),
		($tick | time | text($tick | x; $bottom + 14; "tick"))),
	(.bars | to_entries[] | .key as $i | .value as [$name, $says, $ms]
		| ($y + head + $i * row) as $top
		| (if $name == $ours then " us" else "" end) as $us
		| (if $name == $ours then "ours" elif $name | test("^full|floor") then "floor"
			else "other" end) as $class
		| (if $name == $ours or $base == null then ""
			else " · \($ms / $base | digits)×" end) as $ratio
		| ($says | text(left - 10; $top + 13; "label" + $us)),
		bar($top; ($ms | x) - left; $class),
		(($ms | time) + $ratio | text(($ms | x) + 8; $top + 13; "figure" + $us)));

. as $all
| (panels | map(. as $p
	| .bars |= map($all.benches[$p.bench].values[.[0]].median as $ms | select($ms) | . + [$ms])
	| select(.bars != []))) as $panels
| ($panels | map(.bars | length * row + head + axis)) as $heights
| (58 + ($heights | add // 0)) as $height
| "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \($height)\"" +
	" width=\"\(width)\" height=\"\($height)\" role=\"img\"" +
	" aria-label=\"What ctnet costs beside others\">",
"<style>
	:root { --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --grid: #d8dee4;
		--ours: #0969da; --floor: #9fb3c8; --other: #c4751c; }
	@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ink: #e6edf3;
		--faint: #9198a1; --grid: #30363d; --ours: #4493f8; --floor: #57697c; --other: #d29148; } }
	.paper { fill: var(--paper) } .grid { stroke: var(--grid) }
	text { font: 13px system-ui, \"DejaVu Sans\", sans-serif; fill: var(--ink) }
	.head { font-size: 17px; font-weight: 600 } .title { font-weight: 600 }
	.note, .tick { font-size: 11px; fill: var(--faint) } .tick { text-anchor: middle }
	.label { text-anchor: end } .us { font-weight: 600 }
	.ours { fill: var(--ours) } .floor { fill: var(--floor) } .other { fill: var(--other) }
</style>",
"<rect width=\"\(width)\" height=\"\($height)\" class=\"paper\"/>",
("What it costs, beside others" | text(20; 28; "head")),
("Medians on a logarithmic scale; × is how many times ours. " +
	"Linux \($all.machine.kernel), \($all.machine.cpus) processors" | text(20; 46; "note")),
(range($panels | length) as $i | $panels[$i] | panel(58 + ($heights[:$i] | add // 0))),
"</svg>"
