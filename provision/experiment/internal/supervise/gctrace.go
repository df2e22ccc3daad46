package supervise

import (
	"regexp"
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

// The format is the runtime package's; 1.18 put stacks and globals between goal and processors.
var gctrace = regexp.MustCompile(`^gc (\d+) @([\d.]+)s \d+%: .* (\d+)->(\d+)->(\d+) MB, (\d+) MB goal,.* \d+ P( \(forced\))?`)

// parseGCTrace reads such a line; ok is false for every other.
func parseGCTrace(line string) (event GCEvent, ok bool) {
	parts := gctrace.FindStringSubmatch(line)
	if parts == nil {
		return GCEvent{}, false
	}
	seconds, _ := strconv.ParseFloat(parts[2], 64)
	return GCEvent{
		N: whole(parts[1]), AtMs: seconds * 1000,
		HeapStartBytes: whole(parts[3]) << 20, HeapEndBytes: whole(parts[4]) << 20, HeapLiveBytes: whole(parts[5]) << 20,
		GoalBytes: whole(parts[6]) << 20, Forced: parts[7] != "", Line: strings.TrimSpace(line),
	}, true
}

func whole(digits string) int64 {
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}
