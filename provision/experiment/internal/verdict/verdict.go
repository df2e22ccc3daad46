// Package verdict says what became of a trial, from the kernel's counters alone. The rules and the reasons for them are in
// docs/verdict.md. The controller computes the same (src/journal/judge.ts); both are held to the cases of
// test/fixtures/contract/verdicts.json.
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
	// Hierarchy is v1, v2 or hybrid, whose rules are v1's; anything else is not known.
	Hierarchy string
	// Before is nil when the cgroup was not read before the process started.
	Before *Counts
	After  Counts
	// LimitBytes is the cgroup's hard limit as read back, PageBytes the kernel's page size; nil is not known.
	LimitBytes *int64
	PageBytes  *int64
	// Code is nil when a signal ended the process; Signal is empty when it exited.
	Code   *int
	Signal string
}

// Of gives the verdict and its reason.
func Of(e Evidence) (Kind, string) {
	if e.Before == nil {
		return Inconclusive, "nothing was read of its cgroup before it started"
	}
	if e.Signal != "" && e.Code != nil {
		return Inconclusive, fmt.Sprintf("it is said both to have exited with %d and to have been ended by %s", *e.Code, e.Signal)
	}
	kills := rise(e.Before.OOMKill, e.After.OOMKill)
	switch {
	case kills == fell:
		return Inconclusive, hasFallen("oom_kill")
	case e.Signal != "":
		return ofSignal(e, kills)
	case e.Code == nil:
		return Inconclusive, "how it ended is not known"
	}
	return ofExit(*e.Code, kills)
}

func ofExit(code int, kills change) (Kind, string) {
	switch {
	case kills == rose:
		return Inconclusive, fmt.Sprintf("exited with %d, yet the kernel counted an OOM kill in this cgroup: what exited is not what was killed", code)
	case code != 0:
		return Inconclusive, fmt.Sprintf("exited with %d: it failed by itself, since the OOM killer ends a process by SIGKILL", code)
	case kills == unknown:
		return Survived, "exited with 0; no count of OOM kills is known"
	}
	return Survived, "exited with 0, and the kernel counted no OOM kill in this cgroup"
}

func ofSignal(e Evidence, kills change) (Kind, string) {
	switch {
	case e.Signal != "SIGKILL":
		return Inconclusive, "ended by " + e.Signal + ", which the OOM killer never sends"
	case kills == unknown:
		return Inconclusive, "ended by SIGKILL, but no count of OOM kills is known, so nothing proves who sent it"
	case kills != rose:
		return Inconclusive, "ended by SIGKILL, but the kernel counted no OOM kill in this cgroup: something else sent it"
	}
	return ofKill(e)
}

func ofKill(e Evidence) (Kind, string) {
	switch reached, told := ownLimit(e); reached {
	case rose:
		return OOMKilled, "the OOM killer ended it because this cgroup's own limit was reached (" + told + ")"
	case same:
		return Inconclusive, "the OOM killer ended it, but this cgroup's own limit was not reached: an ancestor's limit or the whole guest's memory was"
	case fell:
		return Inconclusive, hasFallen(told)
	}
	return Inconclusive, "the OOM killer ended it, but nothing tells whose limit was reached"
}

// ownLimit tells whether this cgroup's own limit was reached, and what says so.
func ownLimit(e Evidence) (reached change, told string) {
	switch e.Hierarchy {
	case "v1", "hybrid":
		return peakAtLimit(e)
	case "v2":
		if local := rise(e.Before.OOMLocal, e.After.OOMLocal); local != unknown {
			return counted("memory.events.local oom", local)
		}
		// Kernels without memory.events.local (before 5.2) count in memory.events a cgroup's own events only.
		return counted("memory.events oom", rise(e.Before.OOM, e.After.OOM))
	}
	return unknown, ""
}

func counted(counter string, reached change) (change, string) {
	if reached == fell {
		return fell, counter
	}
	return reached, "oom_kill and " + counter + " rose"
}

// nearPages is how far below the limit the usage may stand when a charge is refused for good: the
// largest allocation that the OOM killer is called for has 8 pages, and a few more are under way.
const nearPages = 16

// peakAtLimit is v1's evidence. Its failcnt counters are none: kernels exist that kill and leave both
// memory.failcnt and memory.memsw.failcnt at 0 (seen on 6.18).
func peakAtLimit(e Evidence) (reached change, told string) {
	if !known(e.After.PeakBytes) || !known(e.LimitBytes) || !known(e.PageBytes) {
		return unknown, ""
	}
	near := nearPages * *e.PageBytes
	if *e.LimitBytes <= near {
		// At a limit as small as that every peak would do.
		return unknown, ""
	}
	if *e.After.PeakBytes < *e.LimitBytes-near {
		return same, ""
	}
	return rose, "oom_kill rose, and the usage had peaked at the limit"
}

// change is what a counter did between its two readings.
type change int

const (
	unknown change = iota
	same
	rose
	fell
)

func rise(before, after *int64) change {
	switch {
	case !known(before) || !known(after):
		return unknown
	case *after < *before:
		return fell
	case *after > *before:
		return rose
	}
	return same
}

// largest is the last whole number that JavaScript holds exactly: beyond it a count is not known, here as there.
const largest = 1<<53 - 1

func known(count *int64) bool { return count != nil && *count >= 0 && *count <= largest }

func hasFallen(counter string) string {
	return counter + " fell between the two readings, so they are not of one cgroup"
}
