package scenario

import (
	"gclab/gcexp/internal/heap"
	"gclab/gcexp/internal/steps"
)

// figures are what a condition can look at, by the names of steps.Metrics.
type figures struct {
	heap  heap.Stats
	usage int64
}

func (f figures) of(metric string) int64 {
	switch metric {
	case "heapAlloc":
		return int64(f.heap.AllocBytes)
	case "heapInUse":
		return int64(f.heap.InUseBytes)
	case "heapIdle":
		return int64(f.heap.IdleBytes)
	case "heapReleased":
		return int64(f.heap.ReleasedBytes)
	case "heapGoal":
		return int64(f.heap.NextGCBytes)
	case "sys":
		return int64(f.heap.SysBytes)
	case "numGC":
		return int64(f.heap.NumGC)
	}
	return f.usage
}

func (f figures) meet(c steps.Condition) bool {
	value, than := f.of(c.Metric), c.Than.Bytes
	switch c.Is {
	case "<":
		return value < than
	case "<=":
		return value <= than
	case ">":
		return value > than
	case ">=":
		return value >= than
	}
	return value == than
}
