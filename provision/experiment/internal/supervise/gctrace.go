package supervise

import (
	"math"
	"strconv"
	"strings"

	"gclab/gcexp/internal/event"
)

// parseGCTrace reads such a line; ok is false for every other. The format is the runtime package's:
// gc # @#s #%: #+#+# ms clock, #+#/#/#+# ms cpu, #->#-># MB, # MB goal, # P, and since 1.18 more
// between goal and processors.
func parseGCTrace(line string) (gc event.GC, ok bool) {
	gc.Line = strings.TrimSpace(line)
	gc.Forced = strings.HasSuffix(gc.Line, " (forced)")
	parts := strings.Split(gc.Line, ", ")
	if len(parts) < 5 || !strings.HasSuffix(parts[3], " MB goal") {
		return event.GC{}, false
	}
	head := strings.Fields(parts[0])
	sizes := strings.Split(strings.TrimSuffix(parts[2], " MB"), "->")
	if len(head) < 4 || head[0] != "gc" || len(sizes) != 3 || !strings.HasPrefix(head[2], "@") {
		return event.GC{}, false
	}
	seconds, err := strconv.ParseFloat(strings.Trim(head[2], "@s"), 64)
	gc.N, gc.AtMs = whole(head[1]), math.Round(seconds*1000)
	gc.HeapStartBytes, gc.HeapEndBytes, gc.HeapLiveBytes = whole(sizes[0])<<20, whole(sizes[1])<<20, whole(sizes[2])<<20
	gc.GoalBytes = whole(strings.TrimSuffix(parts[3], " MB goal")) << 20
	return gc, err == nil && gc.N > 0
}

func whole(digits string) int64 {
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}
