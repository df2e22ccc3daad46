// Package runfolder is the folder of a run on the guest: who writes what where, and who lives.
package runfolder

import (
	"errors"
	"io/ioutil"
	"os"
	"path/filepath"
	"strings"

	"gclab/gcexp/internal/fault"
)

// Folder is the path of a run's folder, dir/runs/<run>.
type Folder string

// Of is the folder of a run in gclab's folder on the guest.
func Of(dir, run string) Folder { return Folder(filepath.Join(dir, "runs", run)) }

// The files in it.
func (f Folder) Journal() string { return f.file("journal.ndjson") }
func (f Folder) Log() string     { return f.file("experiment.log") }
func (f Folder) Kernel() string  { return f.file("kernel.log") }
func (f Folder) Config() string  { return f.file("config.json") }
func (f Folder) Lock() string    { return f.file("supervisor.lock") }
func (f Folder) Control() string { return f.file("control") }
func (f Folder) Failure() string { return f.file("failure.json") }

// Run is the run's name, Ledger the ledger of the gclab folder that holds it.
func (f Folder) Run() string { return filepath.Base(string(f)) }
func (f Folder) Ledger() string {
	return filepath.Join(filepath.Dir(filepath.Dir(string(f))), "ledger.ndjson")
}

func (f Folder) file(name string) string { return filepath.Join(string(f), name) }

// Make makes the folder; one that is there already belongs to another run.
func (f Folder) Make() error {
	if err := os.MkdirAll(filepath.Dir(string(f)), 0755); err != nil {
		return fault.Wrap("failed", "making the folder of runs", err, "the folder must be writable for the user gcexp runs as")
	}
	err := os.Mkdir(string(f), 0700)
	if errors.Is(err, os.ErrExist) {
		return fault.New("run-exists", "the run "+f.Run()+" exists already at "+string(f), "follow it, or clean it, or choose another name")
	}
	if err != nil {
		return fault.Wrap("failed", "making the run's folder", err, "")
	}
	return f.reserve()
}

// Find says whether the folder of a run is there.
func (f Folder) Find() error {
	info, err := os.Stat(string(f))
	if err != nil || !info.IsDir() || filepath.Base(filepath.Dir(string(f))) != "runs" {
		return fault.New("no-run", "there is no run at "+string(f), "ls the runs folder beside the ledger for the runs that are there")
	}
	return nil
}

const reserved = 4096

// reserve writes blanks where a failure will be recorded: a disk that is full later has room for it.
func (f Folder) reserve() error {
	err := ioutil.WriteFile(f.Failure(), []byte(strings.Repeat(" ", reserved)), 0600)
	if err != nil {
		return fault.Wrap("failed", "writing to the run's folder", err, "")
	}
	return nil
}

// RecordFailure keeps an error that could not be written to the journal.
func (f Folder) RecordFailure(json []byte) {
	file, err := os.OpenFile(f.Failure(), os.O_WRONLY, 0)
	if err != nil || len(json) > reserved {
		return
	}
	_, _ = file.WriteAt(json, 0)
	_ = file.Close()
}

// ReadFailure gives it back; empty when there is none.
func (f Folder) ReadFailure() string {
	text, _ := ioutil.ReadFile(f.Failure())
	return strings.TrimSpace(string(text))
}

// At is the folder at a path that somebody named.
func At(path string) (Folder, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", fault.Wrap("failed", "finding the run's folder", err, "")
	}
	return Folder(absolute), nil
}

// CheckFree refuses the name of a run that is there already.
func (f Folder) CheckFree() error {
	if _, err := os.Lstat(string(f)); err == nil {
		return fault.New("run-exists", "the run "+f.Run()+" exists already at "+string(f), "follow it, or clean it, or choose another name")
	}
	return nil
}
