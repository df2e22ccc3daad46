package main

import (
	"bufio"
	"encoding/json"
	"errors"
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

// start begins a run and follows it.
func start(args []string) error {
	if err := noMore(args); err != nil {
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
	return stream.Follow(frames, folder, stream.Offsets{}, obey(input, folder))
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
	scoped, err := survey(c)
	if err != nil {
		return "", err
	}
	folder := runfolder.Of(c.Dir, c.Run)
	if err := folder.CheckFree(); err != nil {
		return "", err
	}
	if err := ledger.Append(folder.Ledger(), ledger.Entry{Run: c.Run, Action: "make", Kind: "folder", Path: string(folder)}); err != nil {
		return "", err
	}
	return folder, launch(folder, c, scoped)
}

// survey refuses what cannot be done here before anything is made. scoped tells that only a scope of
// the user's systemd will give a cgroup of one's own; the supervisor then surveys again in there.
func survey(c config.Config) (scoped bool, err error) {
	ground, err := supervise.Survey(cgroupName(c.Run), true)
	if errors.Is(err, cgroup.ErrNotDelegated) {
		return true, canScope()
	}
	if err != nil {
		return false, err
	}
	return false, ground.CheckLimit(c.LimitBytes)
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

// obey listens to the follower's reader: `stop` ends the run, the end of the input ends the following.
func obey(input *bufio.Reader, folder runfolder.Folder) <-chan struct{} {
	quit := make(chan struct{})
	go func() {
		defer close(quit)
		for {
			line, err := input.ReadString('\n')
			if line == "stop\n" {
				_ = folder.AskStop()
			}
			if err != nil {
				return
			}
		}
	}()
	return quit
}
