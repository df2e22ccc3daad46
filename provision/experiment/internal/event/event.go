// Package event has the lines of a journal as docs/wire.md names them.
package event

import (
	"gclab/gcexp/internal/cgroup"
	"gclab/gcexp/internal/config"
	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/heap"
	"gclab/gcexp/internal/host"
	"gclab/gcexp/internal/load"
)

// Head is what every event starts with; Trial is left out of those that belong to none.
type Head struct {
	Type  string `json:"type"`
	T     int64  `json:"t"`
	Trial int    `json:"trial,omitempty"`
}

// The events of docs/wire.md.
type (
	// Opening is the first line.
	Opening struct {
		Head
		Schema    int           `json:"schema"`
		Program   string        `json:"program"`
		Version   string        `json:"version"`
		Run       string        `json:"run"`
		StartedAt string        `json:"startedAt"`
		Config    config.Config `json:"config"`
		Host      Host          `json:"host"`
	}
	// Host is the guest as the supervisor sees it.
	Host struct {
		host.Facts
		// TrialTHP is the transparent huge pages' mode for the trials' processes: the host's thp, or never.
		TrialTHP     string            `json:"trialTHP"`
		Cgroup       string            `json:"cgroup"`
		CgroupParent string            `json:"cgroupParent"`
		Ancestors    []cgroup.Ancestor `json:"ancestors"`
		// StartedIn are the limits of the cgroup gcexp was started in, when that is not an ancestor.
		StartedIn []cgroup.Ancestor `json:"startedIn,omitempty"`
	}
	// TrialStart says that the cgroup is made and limited and the process is in it.
	TrialStart struct {
		Head
		Cgroup     string          `json:"cgroup"`
		PID        int             `json:"pid"`
		LimitBytes int64           `json:"limitBytes"`
		Swap       *int64          `json:"swap"`
		Entry      string          `json:"entry"`
		Counters   cgroup.Counters `json:"counters"`
	}
	// Ready says that the process runs.
	Ready struct {
		Head
		Heap       *heap.Stats `json:"heap"`
		UsageBytes *int64      `json:"usageBytes"`
		Go         string      `json:"go"`
		GOGC       string      `json:"gogc"`
		GOMEMLIMIT string      `json:"gomemlimit"`
		GODEBUG    string      `json:"godebug"`
		GOMAXPROCS int64       `json:"gomaxprocs"`
	}
	// Begin comes before a step.
	Begin struct {
		Head
		Step  string `json:"step"`
		Bytes int64  `json:"bytes"`
		// Number is that of a scenario's step as it stands in the list.
		Number int64 `json:"number,omitempty"`
		// Key is a request's, as it came.
		Key string `json:"key,omitempty"`
	}
	// Step comes after one.
	Step struct {
		Head
		Step       string      `json:"step"`
		Bytes      int64       `json:"bytes"`
		Number     int64       `json:"number,omitempty"`
		Heap       *heap.Stats `json:"heap"`
		UsageBytes *int64      `json:"usageBytes"`
	}
	// Heap is a sample of the process's heap.
	Heap struct {
		Head
		Heap *heap.Stats `json:"heap"`
	}
	// GC is a line of GODEBUG=gctrace=1. Sizes have the line's own resolution, a whole MiB.
	GC struct {
		Head
		N              int64   `json:"n"`
		AtMs           float64 `json:"atMs"`
		HeapStartBytes int64   `json:"heapStartBytes"`
		HeapEndBytes   int64   `json:"heapEndBytes"`
		HeapLiveBytes  int64   `json:"heapLiveBytes"`
		GoalBytes      int64   `json:"goalBytes"`
		Forced         bool    `json:"forced"`
		Line           string  `json:"line"`
	}
	// Listening says that the interactive mode answers.
	Listening struct {
		Head
		Address string `json:"address"`
	}
	// Request is one that was answered.
	Request struct {
		Head
		Route      string      `json:"route"`
		Bytes      int64       `json:"bytes"`
		Key        string      `json:"key,omitempty"`
		Status     int64       `json:"status"`
		DurationUs int64       `json:"durationUs"`
		Heap       *heap.Stats `json:"heap"`
	}
	// TrialEnd says that the process is gone and the counters are read.
	TrialEnd struct {
		Head
		Exit       Exit            `json:"exit"`
		Counters   cgroup.Counters `json:"counters"`
		PeakBytes  *int64          `json:"peakBytes"`
		DurationUs int64           `json:"durationUs"`
		LastStep   *string         `json:"lastStep"`
		Verdict    string          `json:"verdict"`
		// Reason is that of docs/verdict.md and nothing else; Remark is what a reader would overlook.
		Reason string    `json:"reason"`
		Remark *string   `json:"remark"`
		Load   load.Load `json:"load"`
	}
	// Exit is how a process ended: one of the two is null.
	Exit struct {
		Code   *int    `json:"code"`
		Signal *string `json:"signal"`
	}
	// Note is anything a sceptic should know.
	Note struct {
		Head
		Message string `json:"message"`
	}
	// End is the last line.
	End struct {
		Head
		Reason       string       `json:"reason"`
		Trials       int          `json:"trials"`
		Killed       int          `json:"killed"`
		Survived     int          `json:"survived"`
		Inconclusive int          `json:"inconclusive"`
		Error        *fault.Fault `json:"error"`
		Supervisor   Cost         `json:"supervisor"`
	}
	// Cost is what supervising took: CPU time of the supervisor's process, and of its sampling alone.
	Cost struct {
		CPUUs         int64 `json:"cpuUs"`
		SamplingCPUUs int64 `json:"samplingCpuUs"`
		SamplingUs    int64 `json:"samplingUs"`
		Samples       int64 `json:"samples"`
		MissedSamples int64 `json:"missedSamples"`
		WallUs        int64 `json:"wallUs"`
	}
)
