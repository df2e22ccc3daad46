package main

import (
	"encoding/json"
	"errors"
	"flag"
	"io/ioutil"
	"os"
	"os/signal"
	"syscall"

	"gclab/gcexp/internal/cgroup"
	"gclab/gcexp/internal/config"
	"gclab/gcexp/internal/event"
	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/journal"
	"gclab/gcexp/internal/kernellog"
	"gclab/gcexp/internal/ledger"
	"gclab/gcexp/internal/narrate"
	"gclab/gcexp/internal/runfolder"
	"gclab/gcexp/internal/supervise"
)

// runSupervisor owns a run: it was started detached, holds the lock, and ends with the run.
func runSupervisor(args []string) int {
	syscall.CloseOnExec(lockFD)
	folder, err := runFlag(flag.NewFlagSet("supervise", flag.ContinueOnError), args)
	if err != nil {
		return answer(err)
	}
	if err := supervisor(folder); err != nil {
		line, _ := json.Marshal(fault.Of(err))
		folder.RecordFailure(line)
		return fault.Of(err).ExitCode()
	}
	return 0
}

// supervisor writes the journal from the first line to the last. An error that it returns could not
// be written there.
func supervisor(folder runfolder.Folder) (err error) {
	c, err := readConfig(folder)
	if err != nil {
		return err
	}
	stop := supervise.NewStop()
	stopOnSignals(stop)
	if err := folder.Obey(func() { stop.Ask("stopped", nil) }); err != nil {
		return err
	}
	j, err := journal.Open(folder.Journal())
	if err != nil {
		return err
	}
	r, done, err := prepare(folder, c, j, stop)
	if err != nil {
		return err
	}
	defer done()
	end := conduct(r, folder)
	end.Head = event.Head{Type: "end", T: j.Now()}
	if err := j.Write(end); err != nil {
		return err
	}
	return j.Close()
}

func readConfig(folder runfolder.Folder) (config.Config, error) {
	text, err := ioutil.ReadFile(folder.Config())
	if err != nil {
		return config.Config{}, fault.Wrap("failed", "reading the run's configuration", err, "")
	}
	return config.Parse(text)
}

func stopOnSignals(stop *supervise.Stop) {
	signals := make(chan os.Signal, 4)
	// A reader of stdout that goes away (gcexp | head) would otherwise end this process on the spot.
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE)
	go func() {
		for range signals {
			stop.Ask("stopped", nil)
		}
	}()
}

// prepare opens the run's files.
func prepare(folder runfolder.Folder, c config.Config, j *journal.Journal, stop *supervise.Stop) (*supervise.Run, func(), error) {
	log, err := create(folder.Log())
	if err != nil {
		return nil, nil, err
	}
	kernel, err := create(folder.Kernel())
	if err != nil {
		return nil, nil, err
	}
	executable, err := os.Executable()
	if err != nil {
		return nil, nil, fault.Wrap("failed", "finding gcexp itself", err, "")
	}
	r := &supervise.Run{
		Config: c, Env: c.ChildEnv(config.WithoutKnobs(os.Environ())), Journal: j, Tell: narrate.New(log),
		Kernel: kernellog.Open(kernel), Stop: stop, Executable: executable,
	}
	return r, func() {
		r.Kernel.Close()
		log.Close()
		kernel.Close()
	}, nil
}

func create(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0600)
	if err != nil {
		return nil, fault.Wrap("failed", "making "+path, err, "")
	}
	return file, nil
}

// conduct surveys, builds the run's cgroup, runs the trials, and removes the cgroup whatever happens.
func conduct(r *supervise.Run, folder runfolder.Folder) (end event.End) {
	guest, err := supervise.Inspect(cgroupName(r.Config.Run), true)
	if errors.Is(err, cgroup.ErrNotDelegated) {
		err = errNoDelegation
	}
	r.Guest = guest
	r.Open(programVersion)
	if ends := endsWithSession(); ends != "" {
		r.Note(ends)
	}
	if err == nil {
		err = guest.CheckLimit(r.Config.LimitBytes)
	}
	if err == nil {
		err = r.OpenPort(loopback(r.Config.Port))
	}
	if err != nil {
		return r.Failed(err)
	}
	entries := cgroupEntries(r.Config.Run, guest.Subtree.Dirs())
	if err := ledger.Append(folder.Ledger(), entries("make")...); err != nil {
		return r.Failed(err)
	}
	defer func() {
		if err := guest.Subtree.Remove(); err != nil {
			end = r.FailedAfter(end, err)
			return
		}
		_ = ledger.Append(folder.Ledger(), entries("removed")...)
	}()
	if err := guest.Subtree.Build(); err != nil {
		return r.Failed(err)
	}
	return r.Execute()
}

func cgroupEntries(run string, dirs []string) func(action string) []ledger.Entry {
	return func(action string) []ledger.Entry {
		entries := make([]ledger.Entry, len(dirs))
		for i, dir := range dirs {
			entries[i] = ledger.Entry{Run: run, Action: action, Kind: "cgroup", Path: dir}
		}
		return entries
	}
}
