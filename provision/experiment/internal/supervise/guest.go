package supervise

import (
	"fmt"
	"runtime/debug"

	"gclab/gcexp/internal/cgroup"
	"gclab/gcexp/internal/event"
	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/host"
	"gclab/gcexp/internal/size"
)

// Guest is this machine as a run finds it, and where the run's cgroup will be.
type Guest struct {
	Facts     host.Facts
	Hierarchy cgroup.Hierarchy
	Subtree   cgroup.Subtree
	ancestors []cgroup.Ancestor
	startedIn []cgroup.Ancestor
}

// Inspect reads the guest for a run of that name and changes nothing. The error may be
// cgroup.ErrNotDelegated.
func Inspect(name string, detach bool) (Guest, error) {
	g := Guest{Facts: host.Read()}
	var err error
	if g.Hierarchy, err = cgroup.Detect(); err != nil {
		return g, err
	}
	if g.Subtree, err = g.Hierarchy.Plan(name, g.Facts.UID, detach); err != nil {
		return g, err
	}
	g.ancestors = g.Hierarchy.Chain(g.Subtree.Parent())
	if g.Subtree.Parent() != g.Hierarchy.Own {
		g.startedIn = g.Hierarchy.Chain(g.Hierarchy.Own)
	}
	return g, nil
}

// CheckLimit refuses a limit that something else than the trial's own cgroup would enforce first. Nor
// does a run step out of a limit that whoever started it was put under.
func (g Guest) CheckLimit(limitBytes int64) error {
	for _, chain := range [][]cgroup.Ancestor{g.ancestors, g.startedIn} {
		if err := cgroup.CheckRoom(chain, limitBytes); err != nil {
			return err
		}
	}
	for _, bound := range []struct {
		bytes int64
		what  string
	}{{g.Facts.MemoryBytes, "memory"}, {g.Facts.AvailableBytes, "memory that is available now"}} {
		if bound.bytes > 0 && limitBytes > bound.bytes {
			return fault.New("limit-above-memory",
				fmt.Sprintf("the limit of %s is above this guest's %s, %s (%d bytes): the whole guest would run out before the trial", size.Format(limitBytes), bound.what, size.Format(bound.bytes), bound.bytes),
				"ask for a limit well below it")
		}
	}
	return nil
}

// Host is the guest for the journal's first line.
func (g Guest) Host() event.Host {
	trialTHP := g.Facts.THP
	if smallPages() {
		trialTHP = "never"
	}
	return event.Host{Facts: g.Facts, TrialTHP: trialTHP, Cgroup: g.Hierarchy.Kind, CgroupParent: g.Subtree.Parent(), Ancestors: g.ancestors, StartedIn: g.startedIn}
}

func panicked(r interface{}) error {
	return fault.New("failed", fmt.Sprintf("gcexp has a fault of its own: %v", r), string(debug.Stack()))
}
