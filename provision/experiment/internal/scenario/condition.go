package scenario

import (
	"fmt"

	"gclab/gcexp/internal/heap"
)

// figures are what a condition can look at.
type figures struct {
	heap  heap.Stats
	usage int64
}

func (f figures) of(metric string) (value int64, known bool) {
	switch metric {
	case "heapAlloc":
		return int64(f.heap.AllocBytes), true
	case "heapInUse":
		return int64(f.heap.InUseBytes), true
	case "heapIdle":
		return int64(f.heap.IdleBytes), true
	case "heapReleased":
		return int64(f.heap.ReleasedBytes), true
	case "heapGoal":
		return int64(f.heap.NextGCBytes), true
	case "sys":
		return int64(f.heap.SysBytes), true
	case "numGC":
		return int64(f.heap.NumGC), true
	case "usage":
		return f.usage, true
	}
	return 0, false
}

func (c Condition) check() error {
	if _, known := (figures{}).of(c.Metric); !known {
		return fmt.Errorf("until: there is no figure %.40q", c.Metric)
	}
	if _, known := compare(0, c.Is, 0); !known {
		return fmt.Errorf("until: %.40q is no comparison", c.Is)
	}
	if c.Than.Bytes < 0 {
		return fmt.Errorf("until: compared with %d", c.Than.Bytes)
	}
	return nil
}

func (c Condition) holds(f figures) bool {
	value, _ := f.of(c.Metric)
	holds, _ := compare(value, c.Is, c.Than.Bytes)
	return holds
}

func compare(a int64, is string, b int64) (holds, known bool) {
	switch is {
	case "<":
		return a < b, true
	case "<=":
		return a <= b, true
	case ">":
		return a > b, true
	case ">=":
		return a >= b, true
	case "==":
		return a == b, true
	}
	return false, false
}
