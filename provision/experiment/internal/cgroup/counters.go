package cgroup

// Counters is one reading of what the kernel counts for a cgroup; null where it has no such counter.
type Counters struct {
	UsageBytes *int64           `json:"usageBytes"`
	PeakBytes  *int64           `json:"peakBytes"`
	OOM        *int64           `json:"oom"`
	OOMKill    *int64           `json:"oomKill"`
	OOMLocal   *int64           `json:"oomLocal"`
	Failcnt    *int64           `json:"failcnt"`
	Events     map[string]int64 `json:"events"`
	Stat       map[string]int64 `json:"stat"`
	Pressure   *string          `json:"pressure"`
}

func countersV2(dir string) Counters {
	events := readTable(dir, "memory.events")
	return Counters{
		UsageBytes: readNumber(dir, "memory.current"),
		PeakBytes:  readNumber(dir, "memory.peak"),
		OOM:        entry(events, "oom"),
		OOMKill:    entry(events, "oom_kill"),
		OOMLocal:   entry(readTable(dir, "memory.events.local"), "oom"),
		Events:     events,
		Stat:       readTable(dir, "memory.stat"),
		Pressure:   pressure(dir),
	}
}

func countersV1(dir string) Counters {
	control := readTable(dir, "memory.oom_control")
	return Counters{
		UsageBytes: readNumber(dir, "memory.usage_in_bytes"),
		PeakBytes:  readNumber(dir, "memory.max_usage_in_bytes"),
		OOMKill:    entry(control, "oom_kill"),
		Failcnt:    readNumber(dir, "memory.failcnt"),
		Events:     control,
		Stat:       readTable(dir, "memory.stat"),
		Pressure:   pressure(dir),
	}
}

func pressure(dir string) *string {
	text, err := read(dir, "memory.pressure")
	if err != nil {
		return nil
	}
	return &text
}
