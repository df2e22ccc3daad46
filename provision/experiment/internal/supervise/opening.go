package supervise

import (
	"time"

	"gclab/gcexp/internal/cgroup"
	"gclab/gcexp/internal/config"
	"gclab/gcexp/internal/event"
	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/size"
)

// Open writes the journal's first line, and what cannot be collected.
func (r *Run) Open(version string) {
	_ = r.Journal.Write(event.Opening{
		Head: r.head("journal", 0), Schema: config.Schema, Program: "gcexp", Version: version, Run: r.Config.Run,
		StartedAt: time.Now().UTC().Format(time.RFC3339Nano), Config: r.Config, Host: r.Guest.Host(),
	})
	if r.Kernel.Why != "" {
		r.note(0, r.Kernel.Why)
	}
}

// OpenPort opens the interactive mode's port; the other mode needs none.
func (r *Run) OpenPort(address string) (err error) {
	if r.Config.Mode == config.Interactive {
		r.Listener, err = Listen(address)
	}
	return err
}

// Failed is the end of a run that never began.
func (r *Run) Failed(err error) event.End {
	return event.End{Reason: "failed", Error: fault.Of(err), Supervisor: r.cost(0)}
}

// FailedAfter is the end of a run that could not clean up behind itself.
func (r *Run) FailedAfter(end event.End, err error) event.End {
	end.Reason = "failed"
	if end.Error == nil {
		end.Error = fault.Of(err)
	}
	return end
}

// Describe tells a person what the run stands on.
func (r *Run) Describe() {
	f := r.Guest.Facts
	r.Tell.Say("host: Linux %s, %s, %d CPUs, %s of memory, cgroup %s at %s", f.Kernel, f.Arch, f.CPUs, size.Format(f.MemoryBytes), r.Guest.Hierarchy.Kind, r.Guest.Hierarchy.Mount)
	for _, chain := range [][]cgroup.Ancestor{r.Guest.ancestors, r.Guest.startedIn} {
		for _, a := range chain {
			if a.LimitBytes != nil {
				r.Tell.Say("host: cgroup %s is limited to %d bytes", a.Path, *a.LimitBytes)
			}
		}
	}
}
