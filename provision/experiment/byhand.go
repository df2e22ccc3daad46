package main

import (
	"errors"
	"flag"
	"fmt"
	"io/ioutil"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"gclab/gcexp/internal/cgroup"
	"gclab/gcexp/internal/event"
	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/journal"
	"gclab/gcexp/internal/kernellog"
	"gclab/gcexp/internal/mono"
	"gclab/gcexp/internal/narrate"
	"gclab/gcexp/internal/supervise"
)

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// runByHand runs the experiment for a person, with no gclab near: it tells what happens on stdout and
// leaves nothing behind.
func runByHand(args []string) int {
	o, err := parseByHand(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Print(help)
		return 0
	}
	if err == nil {
		err = byHand(o, args)
	}
	if err == nil {
		return 0
	}
	why := fault.Of(err)
	fmt.Fprintln(os.Stderr, "gcexp:", why.Message)
	if why.Hint != "" {
		fmt.Fprintln(os.Stderr, "  try:", why.Hint)
	}
	return why.ExitCode()
}

func byHand(o options, args []string) error {
	stop := supervise.NewStop()
	stopOnSignals(stop)
	c := o.config
	c.Run = "by-hand-" + unique()
	guest, err := supervise.Inspect(cgroupName(c.Run), false)
	if errors.Is(err, cgroup.ErrNotDelegated) {
		return intoScope(args)
	}
	if err == nil {
		err = guest.CheckLimit(c.LimitBytes)
	}
	if err != nil {
		return err
	}
	j, err := journal.Open(o.journal)
	if err != nil {
		return err
	}
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	r := &supervise.Run{
		Config: c, Guest: guest, Env: c.ChildEnv(os.Environ()), Journal: j, Tell: narrate.New(os.Stdout),
		Kernel: kernellog.Open(ioutil.Discard), Stop: stop, Executable: executable,
	}
	defer r.Kernel.Close()
	if err := r.OpenPort(o.listen); err != nil {
		return err
	}
	r.Tell.Say("gcexp: Go's garbage collector against a cgroup's memory limit")
	r.Describe()
	r.Open(programVersion)
	return conclude(r, inSubtree(r))
}

// nested runs in a cgroup that is gone afterwards, whatever happens.
func inSubtree(r *supervise.Run) (end event.End) {
	defer func() {
		if err := r.Guest.Subtree.Remove(); err != nil {
			end = r.FailedAfter(end, err)
		}
	}()
	if err := r.Guest.Subtree.Build(); err != nil {
		return r.Failed(err)
	}
	return r.Execute()
}

func conclude(r *supervise.Run, end event.End) error {
	end.Head = event.Head{Type: "end", T: r.Journal.Now()}
	if err := r.Journal.Write(end); err != nil {
		return err
	}
	if err := r.Journal.Close(); err != nil {
		return err
	}
	r.Tell.Say("%d trials: %d oom-killed, %d survived, %d inconclusive (%s)", end.Trials, end.Killed, end.Survived, end.Inconclusive, end.Reason)
	if end.Error != nil {
		return end.Error
	}
	if err := r.Tell.Err(); err != nil {
		return fault.Wrap("failed", "telling what happens", err, "")
	}
	return nil
}

// intoScope becomes the same command in a cgroup that the user's systemd delegates to the user. It
// returns only if that cannot be.
func intoScope(args []string) error {
	if os.Getenv(scopedMark) != "" {
		return errNoDelegation
	}
	if err := canScope(); err != nil {
		return err
	}
	argv, err := scopeArgv(args)
	if err != nil {
		return err
	}
	return fault.Wrap("no-privilege", "asking systemd for a cgroup of one's own", syscall.Exec(argv[0], argv, append(scopeEnv(os.Environ()), scopedMark+"=1")), "run as root (sudo)")
}

func unique() string {
	return fmt.Sprintf("%s-%d-%x", time.Now().UTC().Format("20060102T150405"), os.Getpid(), mono.Now()&0xffffff)
}
