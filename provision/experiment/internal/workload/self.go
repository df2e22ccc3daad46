// Package workload is what a trial's process does to its heap.
package workload

import (
	"fmt"
	"runtime"

	"gclab/gcexp/internal/report"
	"gclab/gcexp/internal/store"
)

// slabs holds what the experiment keeps alive. A package variable forces the heap.
var slabs [][]byte

// Shares of the limit: 90 % and the other 10 %. With 33554432 that is 30198988 and 3355443 bytes.
func Shares(limitBytes int64) (most, rest int64) {
	return int64(float64(limitBytes) * 0.9), int64(float64(limitBytes) * 0.1)
}

// Self runs the experiment by itself: 90 %, release, a collection if asked for, 10 %.
func Self(limitBytes int64, collect bool, tell *report.Writer) {
	most, rest := Shares(limitBytes)
	step{tell, "allocate-90", most, "allocating 90 % of the limit"}.run(func() { slabs = append(slabs, store.Touched(most)) })
	step{tell, "release", most, "releasing it"}.run(func() { slabs = nil })
	if collect {
		step{tell, "gc", 0, "collecting garbage"}.run(runtime.GC)
	}
	step{tell, "allocate-10", rest, "allocating the other 10 %"}.run(func() { slabs = append(slabs, store.Touched(rest)) })
}

type step struct {
	tell  *report.Writer
	name  string
	bytes int64
	text  string
}

// run does a step and says so twice: to the supervisor without touching the heap, and in plain lines
// on stdout as any program would, with the small allocations that go with it. Whether a collection
// that GOMEMLIMIT makes due starts in time hangs on these, as it would in any program.
func (s step) run(do func()) {
	s.tell.Begin(s.name, s.bytes)
	fmt.Printf("%s: %s (%d bytes)\n", s.name, s.text, s.bytes)
	do()
	s.tell.Step(s.name, s.bytes)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("%s: done; heap alloc %d, idle %d, released %d, next gc %d, num gc %d\n", s.name, m.HeapAlloc, m.HeapIdle, m.HeapReleased, m.NextGC, m.NumGC)
}
