//go:build !go1.16
// +build !go1.16

package heap

import "runtime"

// IsCheap tells that reading does not stop the world.
const IsCheap = false

// Reader reads with runtime.ReadMemStats, which stops the world: there is nothing else before 1.16.
type Reader struct{ stats runtime.MemStats }

// NewReader prepares the buffer.
func NewReader() *Reader { return &Reader{} }

// Read gives the heap as it is now.
func (r *Reader) Read() Stats {
	runtime.ReadMemStats(&r.stats)
	return Stats{
		AllocBytes:    r.stats.HeapAlloc,
		InUseBytes:    r.stats.HeapInuse,
		IdleBytes:     r.stats.HeapIdle,
		ReleasedBytes: r.stats.HeapReleased,
		SysBytes:      r.stats.Sys,
		NextGCBytes:   r.stats.NextGC,
		NumGC:         uint64(r.stats.NumGC),
	}
}
