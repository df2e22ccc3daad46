package supervise

import (
	"net"
	"os"
	"syscall"
	"time"

	"gclab/gcexp/internal/config"
	"gclab/gcexp/internal/event"
	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/journal"
	"gclab/gcexp/internal/kernellog"
	"gclab/gcexp/internal/narrate"
	"gclab/gcexp/internal/verdict"
)

// Run is the trials of one configuration on this guest. All of it but Listener must be set.
type Run struct {
	Config  config.Config
	Guest   Guest
	Env     []string
	Journal *journal.Journal
	Tell    *narrate.Narrator
	Kernel  *kernellog.Log
	Stop    *Stop
	// Executable is this program.
	Executable string
	// Listener is what the interactive mode answers on.
	Listener *os.File

	counts   map[verdict.Kind]int
	sampling Sampling
}

// Listen opens the interactive mode's port before anything is made, so that one that is taken is
// known at once.
func Listen(address string) (*os.File, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		code, hint := "failed", "name an address of this machine and a free port, such as 127.0.0.1:1112"
		if is(err, syscall.EADDRINUSE) {
			code, hint = "port-in-use", "end what listens there (ss -ltnp shows it), or choose another port"
		}
		return nil, fault.Wrap(code, "listening on "+address, err, hint)
	}
	defer listener.Close()
	return listener.(*net.TCPListener).File()
}

// Execute runs the trials in the subtree, which must be built, and says how the run ended. It does not
// write the journal's last line, since the subtree is still there.
func (r *Run) Execute() event.End {
	r.counts = map[verdict.Kind]int{}
	defer r.deadline().Stop()
	started := time.Now()
	var err error
	onOwnThread(func() { err = r.trials() })
	end := event.End{
		Trials:   r.counts[verdict.Survived] + r.counts[verdict.OOMKilled] + r.counts[verdict.Inconclusive],
		Survived: r.counts[verdict.Survived], Killed: r.counts[verdict.OOMKilled], Inconclusive: r.counts[verdict.Inconclusive],
	}
	end.Reason, end.Error = r.ending(err)
	end.Supervisor = r.cost(time.Since(started))
	return end
}

func (r *Run) deadline() *time.Timer {
	return time.AfterFunc(time.Duration(r.Config.TimeoutMs)*time.Millisecond, func() { r.Stop.Ask("timeout", nil) })
}

func (r *Run) trials() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	for i := 1; i <= r.Config.Trials; i++ {
		if _, _, asked := r.Stop.Asked(); asked {
			return nil
		}
		if err := r.one(i); err != nil {
			return err
		}
	}
	return nil
}

// ending gives the reason of the journal's last line.
func (r *Run) ending(err error) (string, *fault.Fault) {
	if err == nil {
		err = r.Journal.Err()
	}
	reason, cause, asked := r.Stop.Asked()
	if err == nil && cause != nil {
		err = cause
	}
	if err != nil {
		return "failed", fault.Of(err)
	}
	if asked {
		return reason, nil
	}
	return "complete", nil
}

func (r *Run) cost(wall time.Duration) event.Cost {
	return event.Cost{
		CPUUs: CPU().Microseconds(), WallUs: wall.Microseconds(),
		SamplingCPUUs: r.sampling.CPU.Microseconds(), SamplingUs: r.sampling.Wall.Microseconds(),
		Samples: r.sampling.Samples, MissedSamples: r.sampling.Missed,
	}
}

// CPU is the processor time this process has taken so far.
func CPU() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// Note writes down what belongs to no trial.
func (r *Run) Note(message string) { r.note(0, message) }

func (r *Run) note(trial int, message string) {
	_ = r.Journal.Write(event.Note{Head: r.head("note", trial), Message: message})
	r.Tell.Say("note: %s", message)
}

func (r *Run) head(kind string, trial int) event.Head {
	return event.Head{Type: kind, T: r.Journal.Now(), Trial: trial}
}
