// Package workload is what a trial's process does to its heap.
package workload

import (
	"runtime"

	"gclab/gcexp/internal/report"
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
	tell.Begin("allocate-90", most)
	slabs = append(slabs, Slab(most))
	tell.Step("allocate-90", most)

	tell.Begin("release", most)
	slabs = nil
	tell.Step("release", most)

	if collect {
		tell.Begin("gc", 0)
		runtime.GC()
		tell.Step("gc", 0)
	}

	tell.Begin("allocate-10", rest)
	slabs = append(slabs, Slab(rest))
	tell.Step("allocate-10", rest)
}

// Slab allocates bytes on the heap and touches every page: fresh memory is not resident until written.
func Slab(bytes int64) []byte {
	slab := make([]byte, bytes)
	for i := range slab {
		slab[i] = 0xff
	}
	return slab
}
