package cgroup

import (
	"fmt"
	"path/filepath"

	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/size"
)

// Ancestor is a cgroup above, and what it forbids; null is no limit.
type Ancestor struct {
	Path       string `json:"path"`
	LimitBytes *int64 `json:"limitBytes"`
	HighBytes  *int64 `json:"highBytes"`
	SwapBytes  *int64 `json:"swapBytes"`
	// held is what it is charged for and cannot give back, as it can page cache.
	held int64
}

// supervisorBytes is what the supervisor may come to need beside a trial, in the same cgroup or one above it.
const supervisorBytes = 2 << 20

// Chain reads the limits of a cgroup and of everything above it, nearest first.
func (h Hierarchy) Chain(path string) []Ancestor {
	chain := []Ancestor{}
	for {
		chain = append(chain, h.ancestor(path))
		if path == "/" || path == "." {
			return chain
		}
		path = filepath.Dir(path)
	}
}

func (h Hierarchy) ancestor(path string) Ancestor {
	dir := h.Dir(path)
	stat := readTable(dir, "memory.stat")
	if h.IsV2() {
		held := held(readNumber(dir, "memory.current"), stat["active_file"], stat["inactive_file"], stat["slab_reclaimable"])
		return Ancestor{Path: path, LimitBytes: readLimit(dir, "memory.max"), HighBytes: readLimit(dir, "memory.high"), SwapBytes: readLimit(dir, "memory.swap.max"), held: held}
	}
	// v1's soft limit acts only when the whole guest runs short, so it is nothing like memory.high.
	held := held(readNumber(dir, "memory.usage_in_bytes"), stat["total_active_file"], stat["total_inactive_file"])
	return Ancestor{Path: path, LimitBytes: readLimit(dir, "memory.limit_in_bytes"), SwapBytes: readLimit(dir, "memory.memsw.limit_in_bytes"), held: held}
}

func held(charged *int64, reclaimable ...int64) int64 {
	if charged == nil {
		return 0
	}
	left := *charged
	for _, bytes := range reclaimable {
		left -= bytes
	}
	if left < 0 {
		return 0
	}
	return left
}

// CheckRoom refuses a limit that a cgroup of the chain would undercut, since it is lower, or has no room for it beside what it
// holds: the kernel would then kill for the ancestor's limit, and the trial would prove nothing about its own.
func CheckRoom(chain []Ancestor, limitBytes int64) error {
	for _, a := range chain {
		bound, what := a.LimitBytes, "limit"
		if a.HighBytes != nil && (bound == nil || *a.HighBytes < *bound) {
			bound, what = a.HighBytes, "memory.high"
		}
		if bound == nil || limitBytes <= *bound-a.held-supervisorBytes {
			continue
		}
		hint := "raise that cgroup's limit, or start from a session outside it"
		if room := (*bound - a.held - supervisorBytes) >> 20; room > 0 {
			hint = fmt.Sprintf("ask for at most %s, or %s", size.Format(room<<20), hint)
		}
		return fault.New("limit-above-ancestor",
			fmt.Sprintf("the limit of %s does not fit below the %s of cgroup %s, which is %s (%d bytes), %s of it in use: that would be reached first", size.Format(limitBytes), what, a.Path, size.Format(*bound), *bound, size.Format(a.held)), hint)
	}
	return nil
}
