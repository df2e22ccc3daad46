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
}

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
	if h.IsV2() {
		return Ancestor{Path: path, LimitBytes: readLimit(dir, "memory.max"), HighBytes: readLimit(dir, "memory.high"), SwapBytes: readLimit(dir, "memory.swap.max")}
	}
	// v1's soft limit acts only when the whole guest runs short, so it is nothing like memory.high.
	return Ancestor{Path: path, LimitBytes: readLimit(dir, "memory.limit_in_bytes"), SwapBytes: readLimit(dir, "memory.memsw.limit_in_bytes")}
}

// CheckRoom refuses a limit that a cgroup of the chain would undercut: the kernel would then kill
// for the ancestor's limit, and the trial would prove nothing about its own.
func CheckRoom(chain []Ancestor, limitBytes int64) error {
	for _, a := range chain {
		bound, what := a.LimitBytes, "limit"
		if a.HighBytes != nil && (bound == nil || *a.HighBytes < *bound) {
			bound, what = a.HighBytes, "memory.high"
		}
		if bound != nil && *bound < limitBytes {
			return fault.New("limit-above-ancestor",
				fmt.Sprintf("the limit of %s is above the %s of cgroup %s, which is %s (%d bytes)", size.Format(limitBytes), what, a.Path, size.Format(*bound), *bound),
				fmt.Sprintf("ask for less than %s, or raise that cgroup's limit, or start from a session outside it", size.Format(*bound)))
		}
	}
	return nil
}
