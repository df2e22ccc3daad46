package main

import (
	"os"
	"os/exec"
	"syscall"

	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/runfolder"
)

// lockFD is where the supervisor finds the lock that it inherits.
const lockFD = 3

// detach starts the supervisor in a session of its own, without a terminal, holding the lock.
func detach(folder runfolder.Folder, lock *os.File, scoped bool) error {
	executable, err := os.Executable()
	if err != nil {
		return fault.Wrap("failed", "finding gcexp itself", err, "")
	}
	argv := []string{executable, "supervise", "-run", string(folder)}
	if scoped {
		if argv, err = scopeArgv(argv[1:]); err != nil {
			return err
		}
	}
	command := exec.Command(argv[0], argv[1:]...)
	command.Env = scopeEnv(os.Environ())
	command.Dir = "/"
	command.ExtraFiles = []*os.File{lock}
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return fault.Wrap("failed", "starting the supervisor", err, "")
	}
	// It is nobody's child for long: whoever follows may go at any time.
	return command.Process.Release()
}
