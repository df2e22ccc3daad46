package supervise

import (
	"os"
	"strconv"
	"syscall"

	"gclab/gcexp/internal/cgroup"
	"gclab/gcexp/internal/event"
	"gclab/gcexp/internal/heap"
	"gclab/gcexp/internal/load"
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
	busy    load.Reading
	queue   load.Queue
}

// kernel is where the guest tells how busy it is.
const kernel = load.Proc("/proc")

// one runs a trial from making its cgroup to removing it.
func (r *Run) one(index int) (err error) {
	t := &trial{Run: r, index: index}
	if t.group, err = r.Guest.Subtree.Make(index); err != nil {
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
	if err := t.limits.CheckSwap(r.Guest.Facts.SwapBytes); err != nil {
		return err
	}
	t.before, t.busy = t.group.Counters(), kernel.Read()
	return t.run()
}

func (t *trial) run() error {
	t.started = mono.Now()
	args := childArgs(t.Executable, t.Config.Mode, t.limits.LimitBytes, t.Config.GC, t.heapHz())
	p, err := spawn(command{executable: t.Executable, args: args, env: t.Env, limitBytes: t.limits.LimitBytes}, t.group, t.Listener)
	if err != nil {
		return t.notStarted(err)
	}
	t.start(p)
	samples := startSampler(p.usage, t.Config.SampleHz, t.index, t.Journal, func(err error) { t.Stop.Ask("failed", err) })
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
	_ = t.Journal.Write(event.TrialStart{
		Head: event.Head{Type: "trial-start", T: t.Journal.At(t.started), Trial: t.index}, Cgroup: t.group.Path, PID: p.Pid,
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
	end := t.judge(state)
	end.Load = t.load(state)
	end.PeakBytes, end.DurationUs = peak(end.Counters, highest), (ended-t.started)/1000
	if t.seen.lastStep != "" {
		end.LastStep = &t.seen.lastStep
	}
	kind := verdict.Kind(end.Verdict)
	t.counts[kind]++
	if remark := t.remark(kind); remark != "" {
		end.Remark = &remark
	}
	if err := t.Journal.Write(end); err != nil {
		return err
	}
	t.Journal.Flush()
	t.Tell.Say("trial %d of %d: %s: %s", t.index, t.Config.Trials, end.Verdict, sentence(end))
	t.Kernel.Collect()
	if !t.seen.begun && kind != verdict.Survived {
		return t.tooSmall(end.Reason)
	}
	return nil
}

// judge reads the counters again.
func (t *trial) judge(state *os.ProcessState) event.TrialEnd {
	before, after := counts(t.before), t.group.Counters()
	code, signal := outcome(state)
	pageBytes := int64(t.Guest.Facts.PageBytes)
	kind, reason := verdict.Of(verdict.Evidence{
		Hierarchy: t.Guest.Hierarchy.Kind, Before: &before, After: counts(after),
		LimitBytes: &t.limits.LimitBytes, PageBytes: &pageBytes, Code: code, Signal: signal,
	})
	end := event.TrialEnd{
		Head: t.head("trial-end", t.index), Exit: event.Exit{Code: code}, Counters: after, Verdict: string(kind), Reason: reason,
	}
	if signal != "" {
		end.Exit.Signal = &signal
	}
	return end
}

// counts are those of the counters that a verdict needs.
func counts(c cgroup.Counters) verdict.Counts {
	return verdict.Counts{OOM: c.OOM, OOMKill: c.OOMKill, OOMLocal: c.OOMLocal, PeakBytes: c.PeakBytes}
}

func (t *trial) load(state *os.ProcessState) load.Load {
	l := kernel.Read().Since(t.busy)
	l.Runnable, l.LoadAverage = t.queue.Runnable(), t.queue.Average()
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		took := (usage.Utime.Nano() + usage.Stime.Nano()) / 1000
		l.ProcessCPUUs = &took
	}
	return l
}

// remark is what a reader of the reason would otherwise overlook.
func (t *trial) remark(kind verdict.Kind) string {
	if why, _, asked := t.Stop.Asked(); asked && kind == verdict.Inconclusive {
		return "gcexp ended it, since the run was ended: " + why
	}
	if kind == verdict.Inconclusive && t.seen.gaveUp != "" {
		return "the scenario gave up: " + t.seen.gaveUp
	}
	if kind == verdict.OOMKilled && t.seen.lastStep == "allocate-90" {
		t.note(t.index, "killed within the first allocation: the Go runtime and 90 % of the limit do not fit together, which says nothing about the collector")
		return "killed within the first allocation"
	}
	return ""
}

func sentence(end event.TrialEnd) string {
	if end.Remark == nil {
		return end.Reason
	}
	return end.Reason + "; " + *end.Remark
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

// notStarted is for a process that could not be started.
func (t *trial) notStarted(err error) error {
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
