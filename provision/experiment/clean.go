package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gclab/gcexp/internal/cgroup"
	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/ledger"
	"gclab/gcexp/internal/runfolder"
)

func clean(args []string) error {
	folder, err := runFlag(flag.NewFlagSet("clean", flag.ContinueOnError), args)
	if err != nil {
		return err
	}
	return remove(folder)
}

// remove undoes what the ledger says a run made and did not remove, and nothing else.
func remove(folder runfolder.Folder) error {
	left, err := ledger.Left(folder.Ledger(), folder.Run())
	if err != nil {
		return err
	}
	if len(left) == 0 {
		// Cleaned before, or never there: either way nothing is left.
		return nil
	}
	if livesOn(folder) {
		return fault.New("still-running", "the run "+folder.Run()+" still runs", "gcexp stop -run "+string(folder))
	}
	for i := len(left) - 1; i >= 0; i-- {
		if err := undo(left[i], folder); err != nil {
			return err
		}
	}
	// Whatever ends this before the next line: undoing it again does no harm.
	return ledger.Settle(folder.Ledger(), left...)
}

// livesOn looks more than once: a follower that saw the supervisor go holds the lock for an instant.
func livesOn(folder runfolder.Folder) bool {
	for i := 0; i < 20; i++ {
		if !folder.Lives() {
			return false
		}
		time.Sleep(10 * time.Millisecond)
	}
	return true
}

func undo(entry ledger.Entry, folder runfolder.Folder) error {
	var err error
	switch {
	case entry.Kind == "run" && entry.Path == string(folder):
		err = os.RemoveAll(entry.Path)
	case entry.Kind == "cgroup" && isOurs(entry.Path, folder.Run()):
		err = cgroup.RemoveDir(entry.Path)
	default:
		return fault.New("failed", "the ledger names a "+entry.Kind+" that gcexp would never make: "+entry.Path, "look at it by hand")
	}
	if err != nil {
		return fault.Wrap("failed", "removing "+entry.Path, err, "")
	}
	return nil
}

// isOurs holds a ledger that somebody changed against the only names that gcexp makes.
func isOurs(path, run string) bool {
	return filepath.Clean(path) == path && strings.Contains(path+"/", "/"+cgroupName(run)+"/") && cgroup.IsBelowMount(path)
}
