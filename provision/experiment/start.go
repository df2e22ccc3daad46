package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"io/ioutil"
	"os"

	"gclab/gcexp/internal/cgroup"
	"gclab/gcexp/internal/config"
	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/ledger"
	"gclab/gcexp/internal/runfolder"
	"gclab/gcexp/internal/stream"
	"gclab/gcexp/internal/supervise"
)

// start begins a run and follows it; with -clean it also removes it once its reader has everything.
func start(args []string) error {
	flags := flag.NewFlagSet("start", flag.ContinueOnError)
	removes := flags.Bool("clean", false, "")
	if err := parse(flags, args); err != nil {
		return err
	}
	frames, err := stream.NewFrames(os.Stdout)
	if err != nil {
		return err
	}
	input := bufio.NewReaderSize(os.Stdin, 64<<10)
	folder, err := begin(input)
	if err != nil {
		_ = frames.Error(fault.Of(err))
		return err
	}
	return followToEnd(frames, folder, stream.Offsets{}, obey(input, folder), *removes)
}

// begin reads the configuration and leaves a run behind that needs nobody.
func begin(input *bufio.Reader) (runfolder.Folder, error) {
	line, err := input.ReadBytes('\n')
	if len(line) == 0 {
		return "", fault.Wrap("bad-config", "reading the configuration from stdin", err, "one line of JSON, as docs/wire.md has it")
	}
	c, err := config.Parse(line)
	if err != nil {
		return "", err
	}
	scoped, err := inspect(c)
	if err != nil {
		return "", err
	}
	folder := runfolder.Of(c.Dir, c.Run)
	if err := folder.CheckFree(); err != nil {
		return "", err
	}
	if err := ledger.Append(folder.Ledger(), ledger.Entry{Run: c.Run, Action: "make", Kind: "run", Path: string(folder)}); err != nil {
		return "", err
	}
	return folder, launch(folder, c, scoped)
}

// survey refuses what cannot be done here before anything is made. scoped tells that only a scope of
// the user's systemd will give a cgroup of one's own; the supervisor then surveys again in there.
func inspect(c config.Config) (scoped bool, err error) {
	guest, err := supervise.Inspect(cgroupName(c.Run), true)
	if errors.Is(err, cgroup.ErrNotDelegated) {
		return true, canScope()
	}
	if err != nil {
		return false, err
	}
	return false, guest.CheckLimit(c.LimitBytes)
}

func cgroupName(run string) string { return "gclab-" + run }

func launch(folder runfolder.Folder, c config.Config, scoped bool) error {
	if err := folder.Make(); err != nil {
		return err
	}
	lock, err := folder.TakeLock()
	if err != nil {
		return err
	}
	defer lock.Close()
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := ioutil.WriteFile(folder.Config(), text, 0600); err != nil {
		return fault.Wrap("failed", "writing the run's configuration", err, "")
	}
	return detach(folder, lock, scoped)
}
