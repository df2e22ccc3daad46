package supervise

import (
	"fmt"
	"runtime/debug"

	"gclab/gcexp/internal/cgroup"
	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/host"
	"gclab/gcexp/internal/journal"
	"gclab/gcexp/internal/size"
)

// Ground is what a run stands on: the guest, the hierarchy, and where the run's cgroup will be.
type Ground struct {
	Facts     host.Facts
	Hierarchy cgroup.Hierarchy
	Nest      cgroup.Nest
	ancestors []cgroup.Ancestor
	startedIn []cgroup.Ancestor
}

// Survey finds the ground for a run of that name and changes nothing. The error may be
// cgroup.ErrNotDelegated.
func Survey(name string, detach bool) (Ground, error) {
	g := Ground{Facts: host.Read()}
	var err error
	if g.Hierarchy, err = cgroup.Detect(); err != nil {
		return g, err
	}
	if g.Nest, err = g.Hierarchy.Plan(name, g.Facts.UID, detach); err != nil {
		return g, err
	}
	g.ancestors = g.Hierarchy.Chain(g.Nest.Parent())
	if g.Nest.Parent() != g.Hierarchy.Own {
		g.startedIn = g.Hierarchy.Chain(g.Hierarchy.Own)
	}
	return g, nil
}

// CheckLimit refuses a limit that something else than the trial's own cgroup would enforce first. Nor
// does a run step out of a limit that whoever started it was put under.
func (g Ground) CheckLimit(limitBytes int64) error {
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
func (g Ground) Host() journal.Host {
	trialTHP := g.Facts.THP
	if smallPages() {
		trialTHP = "never"
	}
	return journal.Host{Facts: g.Facts, TrialTHP: trialTHP, Cgroup: g.Hierarchy.Kind, CgroupParent: g.Nest.Parent(), Ancestors: g.ancestors, StartedIn: g.startedIn}
}

func panicked(r interface{}) error {
	return fault.New("failed", fmt.Sprintf("gcexp has a fault of its own: %v", r), string(debug.Stack()))
}
