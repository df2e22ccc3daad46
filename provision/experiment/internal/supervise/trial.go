package supervise

import (
	"os"
	"strconv"
	"syscall"

	"gclab/gcexp/internal/cgroup"
	"gclab/gcexp/internal/heap"
	"gclab/gcexp/internal/journal"
	"gclab/gcexp/internal/mono"
	"gclab/gcexp/internal/verdict"
)

// trial is one process in one fresh cgroup.
type trial struct {
	*Run
	index  int
	group  cgroup.Group
	limits cgroup.Limits
	before cgroup.Counters
	// seen is what the process reported; it is read once the pipes have ended.
	seen    watch
	started int64
}

// one runs a trial from making its cgroup to removing it.
func (r *Run) one(index int) (err error) {
	t := &trial{Run: r, index: index}
	if t.group, err = r.Ground.Nest.Make(index); err != nil {
		return err
	}
	defer func() {
		if removing := t.group.Remove(); err == nil {
			err = removing
		}
	}()
	if t.limits, err = t.group.Limit(r.Config.LimitBytes); err != nil {
		return err
	}
	if err := t.limits.CheckSwap(r.Ground.Facts.SwapBytes); err != nil {
		return err
	}
	t.before = t.group.Counters()
	return t.run()
}

func (t *trial) run() error {
	t.started = mono.Now()
	args := childArgs(t.Executable, t.Config.Mode, t.limits.LimitBytes, t.Config.GC, t.heapHz())
	p, err := spawn(birth{executable: t.Executable, args: args, env: t.Env, limitBytes: t.limits.LimitBytes}, t.group, t.Listener)
	if err != nil {
		return t.notBorn(err)
	}
	t.start(p)
	samples := startSampler(p.usage, t.Config.SampleHz, t.index, t.Journal)
	gone, watched := make(chan struct{}), make(chan struct{})
	t.Stop.Guard(func() {
		defer close(watched)
		t.watch(p, gone)
	})
	t.Stop.Guard(func() { t.killWhenAsked(p.Process, gone) })
	state, err := p.Wait()
	ended := mono.Now()
	close(gone)
	sampled := samples.stop()
	t.sampling.add(sampled)
	<-watched
	p.close()
	if err != nil {
		return err
	}
	return t.end(state, ended, sampled.Highest)
}

// heapHz is how often the process tells of its heap: a tenth of the usage's rate, which is enough for
// a curve. Where reading it would stop the world it tells at the steps only.
func (t *trial) heapHz() int {
	if !heap.IsCheap {
		return 0
	}
	return t.Config.SampleHz / 10
}

func (t *trial) killWhenAsked(process *os.Process, gone <-chan struct{}) {
	select {
	case <-t.Stop.Done():
		_ = process.Kill()
	case <-gone:
	}
}

func (t *trial) start(p *process) {
	_ = t.Journal.Write(journal.TrialStart{
		Head: journal.Head{Type: "trial-start", T: t.Journal.At(t.started), Trial: t.index}, Cgroup: t.group.Path, PID: p.Pid,
		LimitBytes: t.limits.LimitBytes, Swap: t.limits.SwapBytes, Entry: p.entry, Counters: t.before,
	})
	t.Tell.Say("trial %d of %d: process %d in cgroup %s, limit %d bytes, swap %s", t.index, t.Config.Trials, p.Pid, t.group.Path, t.limits.LimitBytes, t.swapText())
}

func (t *trial) swapText() string {
	if t.limits.SwapBytes == nil {
		return "not accounted, and this guest has none"
	}
	return "forbidden"
}

func (t *trial) end(state *os.ProcessState, ended, highest int64) error {
	after := t.group.Counters()
	code, signal := outcome(state)
	kind, reason := verdict.Of(verdict.Evidence{
		CgroupV2: t.group.IsV2(), Before: t.before.Counts(), After: after.Counts(),
		LimitBytes: t.limits.LimitBytes, PageBytes: int64(t.Ground.Facts.PageBytes), Code: code, Signal: signal,
	})
	t.counts[kind]++
	event := journal.TrialEnd{
		Head: t.head("trial-end", t.index), Exit: journal.Exit{Code: code}, Counters: after, PeakBytes: peak(after, highest),
		DurationUs: (ended - t.started) / 1000, Verdict: string(kind), Reason: t.explain(kind, reason),
	}
	if signal != "" {
		event.Exit.Signal = &signal
	}
	if t.seen.lastStep != "" {
		event.LastStep = &t.seen.lastStep
	}
	if err := t.Journal.Write(event); err != nil {
		return err
	}
	t.Journal.Flush()
	t.Tell.Say("trial %d of %d: %s: %s", t.index, t.Config.Trials, event.Verdict, event.Reason)
	t.Kernel.Collect()
	if !t.seen.begun && kind != verdict.Survived {
		return t.tooSmall(reason)
	}
	return nil
}

// explain adds to the counters' reason what a reader of a journal would otherwise overlook.
func (t *trial) explain(kind verdict.Kind, reason string) string {
	if why, _, asked := t.Stop.Asked(); asked && kind == verdict.Inconclusive {
		return reason + " (gcexp did: the run was ended, " + why + ")"
	}
	if kind == verdict.Inconclusive && t.seen.gaveUp != "" {
		return reason + " (the scenario gave up: " + t.seen.gaveUp + ")"
	}
	if kind == verdict.OOMKilled && t.seen.lastStep == "allocate-90" {
		t.note(t.index, "killed within the first allocation: the Go runtime and 90 % of the limit do not fit together, which says nothing about the collector")
		return reason + "; killed within the first allocation"
	}
	return reason
}

// peak is the kernel's, or else (v2 before 5.19) the highest sample, or else not known.
func peak(after cgroup.Counters, highest int64) *int64 {
	if after.PeakBytes == nil && highest > 0 {
		return &highest
	}
	return after.PeakBytes
}

func outcome(state *os.ProcessState) (code *int, signal string) {
	status := state.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return nil, signalName(status.Signal())
	}
	exit := status.ExitStatus()
	return &exit, ""
}

// notBorn is for a process that could not be started.
func (t *trial) notBorn(err error) error {
	if isTooSmall(err) {
		return t.tooSmall(err.Error())
	}
	return cgroupOrOther("starting the trial's process", err)
}

func (s *Sampling) add(more Sampling) {
	s.CPU += more.CPU
	s.Wall += more.Wall
	s.Samples += more.Samples
	s.Missed += more.Missed
}

// signalName is the name that POSIX has for it.
func signalName(signal syscall.Signal) string {
	if name, known := signalNames[signal]; known {
		return name
	}
	return "signal " + strconv.Itoa(int(signal))
}

var signalNames = map[syscall.Signal]string{
	syscall.SIGHUP: "SIGHUP", syscall.SIGINT: "SIGINT", syscall.SIGQUIT: "SIGQUIT", syscall.SIGILL: "SIGILL",
	syscall.SIGTRAP: "SIGTRAP", syscall.SIGABRT: "SIGABRT", syscall.SIGBUS: "SIGBUS", syscall.SIGFPE: "SIGFPE",
	syscall.SIGKILL: "SIGKILL", syscall.SIGSEGV: "SIGSEGV", syscall.SIGPIPE: "SIGPIPE", syscall.SIGALRM: "SIGALRM",
	syscall.SIGTERM: "SIGTERM", syscall.SIGSYS: "SIGSYS", syscall.SIGXCPU: "SIGXCPU",
}
