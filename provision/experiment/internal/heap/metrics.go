//go:build go1.16
// +build go1.16

package heap

import "runtime/metrics"

// IsCheap tells that reading does not stop the world.
const IsCheap = true

// Reader reads without stopping the world and without allocating. One goroutine at a time.
type Reader struct{ samples [7]metrics.Sample }

// NewReader prepares the buffers.
func NewReader() *Reader {
	r := &Reader{}
	for i, name := range [...]string{
		"/memory/classes/heap/objects:bytes",
		"/memory/classes/heap/unused:bytes",
		"/memory/classes/heap/free:bytes",
		"/memory/classes/heap/released:bytes",
		"/memory/classes/total:bytes",
		"/gc/heap/goal:bytes",
		"/gc/cycles/total:gc-cycles",
	} {
		r.samples[i].Name = name
	}
	r.Read()
	return r
}

// Read gives the heap as it is now, in the words of runtime.MemStats.
func (r *Reader) Read() Stats {
	metrics.Read(r.samples[:])
	objects, unused, free, released := r.value(0), r.value(1), r.value(2), r.value(3)
	return Stats{
		AllocBytes:    objects,
		InUseBytes:    objects + unused,
		IdleBytes:     free + released,
		ReleasedBytes: released,
		SysBytes:      r.value(4),
		NextGCBytes:   r.value(5),
		NumGC:         r.value(6),
	}
}

func (r *Reader) value(i int) uint64 {
	if r.samples[i].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return r.samples[i].Value.Uint64()
}
