# Prints the targets of a Makefile that have a description (`target: … ## description`), by group.
#
#   awk -v groups='Name: target target; Name: target' -f help.awk Makefile

/^[a-z0-9-]+:.*## / {
	target = $0
	sub(/:.*/, "", target)
	description[target] = $0
	sub(/.*## /, "", description[target])
	order[++count] = target
}

# Prints one target, its description wrapped to lines of 100 characters.
function show(target, words, line, n, i) {
	n = split(description[target], words, " ")
	line = sprintf("  make %-15s", target)
	for (i = 1; i <= n; i++) {
		if (length(line) + 1 + length(words[i]) > 100) {
			print line
			line = sprintf("%22s", "")
		}
		line = line " " words[i]
	}
	print line
	shown[target] = 1
}

END {
	group_count = split(groups, group, /; */)
	for (g = 1; g <= group_count; g++) {
		split(group[g], parts, /: */)
		print (g > 1 ? "\n" : "") parts[1]
		target_count = split(parts[2], targets, " ")
		for (t = 1; t <= target_count; t++) if (targets[t] in description) show(targets[t])
	}
	for (t = 1; t <= count; t++) if (!(order[t] in shown)) {
		if (!others++) print "\nOther targets"
		show(order[t])
	}
}
