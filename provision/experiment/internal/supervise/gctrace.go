package supervise

import (
	"math"
	"strconv"
	"strings"

	"gclab/gcexp/internal/journal"
)

// GCEvent is a line of GODEBUG=gctrace=1. Sizes have the line's own resolution, a whole MiB.
type GCEvent struct {
	journal.Head
	N              int64   `json:"n"`
	AtMs           float64 `json:"atMs"`
	HeapStartBytes int64   `json:"heapStartBytes"`
	HeapEndBytes   int64   `json:"heapEndBytes"`
	HeapLiveBytes  int64   `json:"heapLiveBytes"`
	GoalBytes      int64   `json:"goalBytes"`
	Forced         bool    `json:"forced"`
	Line           string  `json:"line"`
}

// parseGCTrace reads such a line; ok is false for every other. The format is the runtime package's:
// gc # @#s #%: #+#+# ms clock, #+#/#/#+# ms cpu, #->#-># MB, # MB goal, # P, and since 1.18 more
// between goal and processors.
func parseGCTrace(line string) (event GCEvent, ok bool) {
	event.Line = strings.TrimSpace(line)
	event.Forced = strings.HasSuffix(event.Line, " (forced)")
	parts := strings.Split(event.Line, ", ")
	if len(parts) < 5 || !strings.HasSuffix(parts[3], " MB goal") {
		return GCEvent{}, false
	}
	head := strings.Fields(parts[0])
	sizes := strings.Split(strings.TrimSuffix(parts[2], " MB"), "->")
	if len(head) < 4 || head[0] != "gc" || len(sizes) != 3 || !strings.HasPrefix(head[2], "@") {
		return GCEvent{}, false
	}
	seconds, err := strconv.ParseFloat(strings.Trim(head[2], "@s"), 64)
	event.N, event.AtMs = whole(head[1]), math.Round(seconds*1000)
	event.HeapStartBytes, event.HeapEndBytes, event.HeapLiveBytes = whole(sizes[0])<<20, whole(sizes[1])<<20, whole(sizes[2])<<20
	event.GoalBytes = whole(strings.TrimSuffix(parts[3], " MB goal")) << 20
	return event, err == nil && event.N > 0
}

func whole(digits string) int64 {
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}
