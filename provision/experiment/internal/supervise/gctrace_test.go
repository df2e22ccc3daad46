package supervise

import (
	"testing"

	"gclab/gcexp/internal/event"
)

func TestGCTraceLinesOfManyVersions(t *testing.T) {
	for line, want := range map[string]event.GC{
		"gc 1 @0.004s 2%: 0.010+0.25+0.002 ms clock, 0.020+0.1/0.2/0.3+0.004 ms cpu, 28->29->27 MB, 4 MB goal, 2 P":                                      {N: 1, AtMs: 4, HeapStartBytes: 28 << 20, HeapEndBytes: 29 << 20, HeapLiveBytes: 27 << 20, GoalBytes: 4 << 20},
		"gc 12 @1.250s 7%: 0.006+0.29+0.001 ms clock, 0.012+0/0.10/0.11+0.003 ms cpu, 28->28->0 MB, 58 MB goal, 0 MB stacks, 0 MB globals, 2 P (forced)": {N: 12, AtMs: 1250, HeapStartBytes: 28 << 20, HeapEndBytes: 28 << 20, GoalBytes: 58 << 20, Forced: true},
	} {
		got, ok := parseGCTrace(line + "\n")
		want.Line = line
		if !ok || got != want {
			t.Errorf("%s\n got %+v %v\nwant %+v", line, got, ok, want)
		}
	}
	for _, line := range []string{"", "gc 1", "scvg: 0 MB released", "gc x @y z%: a, b, c, d, e", "panic: gc 1 @0.004s", "gc 1 @0.004s 2%: a, b, 1->2 MB, 4 MB goal, 2 P"} {
		if _, ok := parseGCTrace(line); ok {
			t.Errorf("%q was taken for a gctrace line", line)
		}
	}
}
