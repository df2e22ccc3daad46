// Package verdict says what became of a trial, from the kernel's counters alone. The rules and the
// reasons for them are in docs/verdict.md; the controller computes the same again from the journal.
package verdict

import "fmt"

// Kind is one of three words.
type Kind string

// The verdicts.
const (
	Survived     Kind = "survived"
	OOMKilled    Kind = "oom-killed"
	Inconclusive Kind = "inconclusive"
)

// Counts are the kernel's counters that a verdict needs; nil where the kernel has none.
type Counts struct {
	OOM      *int64
	OOMKill  *int64
	OOMLocal *int64
	// PeakBytes is the highest usage the kernel saw.
	PeakBytes *int64
}

// Evidence is what is known of a trial that ended.
type Evidence struct {
	// CgroupV2 tells whose rules hold for the memory controller (a hybrid host's is v1).
	CgroupV2 bool
	Before   Counts
	After    Counts
	// LimitBytes is the cgroup's hard limit as read back, PageBytes the kernel's page size.
	LimitBytes int64
	PageBytes  int64
	// Code is nil when a signal ended the process; Signal is empty when it exited.
	Code   *int
	Signal string
}

// Of gives the verdict and its reason.
func Of(e Evidence) (Kind, string) {
	kills := rise(e.Before.OOMKill, e.After.OOMKill)
	if e.Signal == "" {
		return exited(e.Code, kills)
	}
	if e.Signal != "SIGKILL" {
		return Inconclusive, "ended by " + e.Signal + ", which the kernel's OOM killer never sends"
	}
	if kills == nil {
		return Inconclusive, "killed by SIGKILL, but this kernel counts no OOM kills, so nothing proves who sent it"
	}
	if *kills == 0 {
		return Inconclusive, "killed by SIGKILL, but the kernel counted no OOM kill in this cgroup: something else sent it"
	}
	return killed(e, *kills)
}

func exited(code *int, kills *int64) (Kind, string) {
	switch {
	case code == nil:
		return Inconclusive, "it is not known how the process ended"
	case kills != nil && *kills > 0:
		return Inconclusive, fmt.Sprintf("exited with %d, yet the kernel counted %d OOM kills in this cgroup", *code, *kills)
	case *code != 0:
		return Inconclusive, fmt.Sprintf("exited with %d: it failed by itself, nothing killed it", *code)
	}
	return Survived, "ran to its end and exited with 0; the kernel killed nothing in this cgroup"
}

func killed(e Evidence, kills int64) (Kind, string) {
	hit, how := limitHit(e)
	if hit == nil {
		return Inconclusive, "the OOM killer ended it, but this kernel does not tell whose limit was reached"
	}
	if !*hit {
		return Inconclusive, "the OOM killer ended it, but this cgroup's limit was not reached: an ancestor's limit or the whole guest's memory was"
	}
	return OOMKilled, fmt.Sprintf("oom_kill rose by %d and %s: this cgroup's limit was reached and the kernel killed for it", kills, how)
}

// limitHit tells whether this cgroup's own limit was reached, and what says so; nil if nothing does.
func limitHit(e Evidence) (hit *bool, how string) {
	if !e.CgroupV2 {
		return peakAtLimit(e)
	}
	if local := rise(e.Before.OOMLocal, e.After.OOMLocal); local != nil {
		return isAbove(local), fmt.Sprintf("memory.events.local oom by %d", *local)
	}
	// Kernels without memory.events.local (before 5.2) count in memory.events this cgroup's own
	// events only, not its descendants'.
	if own := rise(e.Before.OOM, e.After.OOM); own != nil {
		return isAbove(own), fmt.Sprintf("memory.events oom by %d", *own)
	}
	return nil, ""
}

// nearPages is how far below the limit the usage may stand when a charge is refused for good: the
// largest allocation that the OOM killer is called for has 8 pages, and a few more are in flight.
const nearPages = 16

// peakAtLimit is v1's evidence. Its failcnt counters are none: kernels exist that kill and leave both
// memory.failcnt and memory.memsw.failcnt at 0 (seen on 6.18).
func peakAtLimit(e Evidence) (hit *bool, how string) {
	if e.After.PeakBytes == nil {
		return nil, ""
	}
	reached := *e.After.PeakBytes >= e.LimitBytes-nearPages*e.PageBytes
	return &reached, fmt.Sprintf("the usage peaked at %d of %d bytes", *e.After.PeakBytes, e.LimitBytes)
}

func isAbove(risen *int64) *bool {
	above := *risen > 0
	return &above
}

func rise(before, after *int64) *int64 {
	if before == nil || after == nil {
		return nil
	}
	risen := *after - *before
	return &risen
}
