package workload

import (
	"time"

	"gclab/gcexp/internal/report"
)

// SampleHeap tells of the heap every period, for as long as the process lives.
func SampleHeap(period time.Duration, tell *report.Writer) {
	for range time.Tick(period) {
		tell.Heap()
	}
}
